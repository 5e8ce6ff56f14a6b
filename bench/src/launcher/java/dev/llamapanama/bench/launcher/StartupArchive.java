package dev.llamapanama.bench.launcher;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A class-data sharing archive (AppCDS) with the classes that the command {@code generate} needs, parsed and verified, so
 * that a JVM starts sooner. It is static, of the JDK's and the program's classes together: made in seconds by two JVMs, one
 * that lists the classes and one that writes them. JDK 22 to 25 know this kind; it also keeps what linking a native
 * function generates, which JDK 25's AOT cache does not.
 *
 * <p>Kept in the user's cache under a name that is made from the JDK, the options and each jar's size and time, so that one
 * that is out of date is not used. Nothing here fails: where there is no archive, the JVM starts as without.
 */
public final class StartupArchive {
    /** System property: {@code false} for no archive. */
    static final String PROPERTY = "llamapanama.archive";

    private static final String MAIN = "dev.llamapanama.bench.Main";
    private static final String TINY_MODEL = "dev.llamapanama.bench.generate.TinyModelFile";
    private static final long PATIENCE_S = 120;

    private final Path java;
    private final List<String> options;
    private final String classPath;
    private final String program; // part of the file's name: a hash of the class path without sizes and times
    private final Path file;

    private StartupArchive(Path java, List<String> options, String classPath, String program, Path file) {
        this.java = java;
        this.options = options;
        this.classPath = classPath;
        this.program = program;
        this.file = file;
    }

    /**
     * The archive for a JVM, whether it exists yet or not; empty if there can be none, as where the cache is not writable.
     *
     * @param javaHome home of the JDK
     * @param options the JVM's options
     * @param classPath the program's class path; directories in it are packed into jars
     * @param cache the user's cache
     */
    public static Optional<StartupArchive> of(Path javaHome, List<String> options, String classPath, Path cache) {
        if (System.getProperty(PROPERTY, "").equals("false")) {
            return Optional.empty();
        }
        try {
            Path folder = cache.resolve("startup").toAbsolutePath();
            String jars = new JarredClassPath(folder).of(classPath);
            StringBuilder content = new StringBuilder(String.join(" ", options)).append('\n');
            content.append(Stamp.of(javaHome.resolve("release").toRealPath())).append('\n');
            for (String jar : jars.split(File.pathSeparator, -1)) {
                content.append(Stamp.of(Path.of(jar))).append('\n');
            }
            String program = Stamp.hash(classPath);
            Path file = folder.resolve(program + "-" + Stamp.hash(content.toString()) + ".jsa");
            return Optional.of(new StartupArchive(javaHome.resolve("bin/java"), options, jars, program, file));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The class path that the archive is for: jars only. */
    public String classPath() {
        return classPath;
    }

    /** The file. */
    public Path file() {
        return file;
    }

    /** Whether it has been made. */
    public boolean exists() {
        return Files.isRegularFile(file);
    }

    /**
     * Options with which a JVM uses the archive. It checks the content first, in some milliseconds, and starts without if it
     * is damaged; it says so on standard error, where standard output is for generated text.
     */
    public List<String> use() {
        return List.of(
                "-XX:SharedArchiveFile=" + file,
                "-Xshare:auto",
                "-XX:+VerifySharedSpaces",
                "-Xlog:disable",
                "-Xlog:all=warning:stderr");
    }

    /** Whether it is worth a try to make it: it is not there, and an earlier try has not failed. */
    public boolean isWanted() {
        return !exists() && !Files.exists(failure());
    }

    private Path failure() {
        return file.resolveSibling(file.getFileName() + ".failed");
    }

    /**
     * Makes the archive with a model of some hundred kilobytes. Takes seconds.
     *
     * @return whether it is there now
     */
    public boolean make() throws InterruptedException {
        Path work = null;
        try {
            Files.createDirectories(file.getParent());
            work = Files.createTempDirectory(file.getParent(), "work");
            Path classes = work.resolve("classes.lst");
            Path archive = work.resolve("archive.jsa");
            Path model = work.resolve("tiny.gguf");
            boolean made = run(List.of("-cp", classPath, TINY_MODEL, model.toString()))
                    && run(List.of(
                            "-Xshare:off",
                            "-XX:DumpLoadedClassList=" + classes,
                            "-cp",
                            classPath,
                            MAIN,
                            "generate",
                            "--model",
                            model.toString(),
                            "--prompt",
                            "a",
                            "--max-tokens",
                            "2",
                            "--threads",
                            "1"))
                    && run(List.of(
                            "-Xshare:dump",
                            "-XX:SharedClassListFile=" + classes,
                            "-XX:SharedArchiveFile=" + archive,
                            "-cp",
                            classPath));
            deleteOthers();
            if (made) {
                Files.move(archive, file, StandardCopyOption.ATOMIC_MOVE);
            } else {
                Files.createFile(failure());
            }
            return made;
        } catch (IOException e) {
            return false;
        } finally {
            if (work != null) {
                delete(work);
            }
        }
    }

    private boolean run(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(java.toString()));
        command.addAll(options);
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .start();
        try {
            return process.waitFor(PATIENCE_S, TimeUnit.SECONDS) && process.exitValue() == 0;
        } finally {
            process.destroyForcibly();
        }
    }

    /** Those of the same program as it was before, or of another JDK. */
    private void deleteOthers() throws IOException {
        try (DirectoryStream<Path> others = Files.newDirectoryStream(file.getParent(), program + "-*.jsa*")) {
            for (Path other : others) {
                Files.deleteIfExists(other);
            }
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path path : (Iterable<Path>) files::iterator) {
                Files.deleteIfExists(path);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // left over in the cache
        }
    }
}
