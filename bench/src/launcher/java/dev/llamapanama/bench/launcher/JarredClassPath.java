package dev.llamapanama.bench.launcher;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;

/**
 * A class path of jars only. A JVM archives classes of jars and not of directories such as {@code target/classes}, so
 * each directory is packed into a jar in the user's cache, which is made again when a file in the directory changes.
 */
final class JarredClassPath {
    private final Path folder;

    /**
     * @param folder where jars are kept
     */
    JarredClassPath(Path folder) {
        this.folder = folder;
    }

    /**
     * The class path, its directories replaced by jars.
     *
     * @throws IOException if a jar cannot be written
     */
    String of(String classPath) throws IOException {
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            Path path = Path.of(entry).toAbsolutePath();
            if (entry.isEmpty()) {
                throw new IOException("the working directory is on the class path");
            }
            if (Files.isDirectory(path)) {
                entries.add(jar(path).toString());
            } else if (Files.exists(path)) {
                entries.add(path.toString());
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    private Path jar(Path directory) throws IOException {
        List<Path> files = files(directory);
        StringBuilder content = new StringBuilder();
        for (Path file : files) {
            content.append(Stamp.of(file)).append('\n');
        }
        String name = Stamp.hash(directory.toString());
        Path jar = folder.resolve(name + "-" + Stamp.hash(content.toString()) + ".jar");
        if (!Files.exists(jar)) {
            Files.createDirectories(folder);
            Path part = Files.createTempFile(folder, name, ".part");
            try {
                pack(directory, files, part);
                deleteOthers(name);
                Files.move(part, jar, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        }
        return jar;
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            return tree.filter(Files::isRegularFile).sorted().collect(Collectors.toList());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void pack(Path directory, List<Path> files, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out)) {
            entries.setLevel(Deflater.NO_COMPRESSION);
            for (Path file : files) {
                entries.putNextEntry(new ZipEntry(directory.relativize(file).toString()));
                Files.copy(file, entries);
                entries.closeEntry();
            }
        }
    }

    /** Those of the same directory as it was before; who runs on one of them has it open. */
    private void deleteOthers(String name) throws IOException {
        try (DirectoryStream<Path> others = Files.newDirectoryStream(folder, name + "-*.jar")) {
            for (Path other : others) {
                Files.deleteIfExists(other);
            }
        }
    }
}
