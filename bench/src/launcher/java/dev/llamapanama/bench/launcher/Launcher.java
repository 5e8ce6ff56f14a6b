package dev.llamapanama.bench.launcher;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * Starts bench in a JVM of its own: the main class of {@code mvn exec:java}.
 *
 * <p>Maven may run on a JDK that is too old for bench, and its JVM has a heap, a garbage collector and compiler threads
 * that would take cores from the threads that compute. So this class, the only one compiled for Java 17, finds a newer
 * JDK and starts {@value #MAIN} with it, on its own class path and with the same input and output.
 */
public final class Launcher {
    private static final String MAIN = "dev.llamapanama.bench.Main";

    /** System property of the new JVM: the process that started it, without which it need not go on. */
    private static final String PARENT_PROPERTY = "llamapanama.launcher.pid";

    /** System property: further options for the new JVM, separated by spaces. */
    private static final String OPTIONS_PROPERTY = "llamapanama.java.options";

    /**
     * Options of the new JVM. The serial collector has no threads that run beside the computing ones, and code compiled
     * by C1 alone is ready sooner and costs less to compile; what Java does per token is too little for C2 to matter.
     */
    public static final List<String> OPTIONS =
            List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private Launcher() {}

    /** Runs bench with these arguments and waits for its end. */
    public static void main(String[] args) throws InterruptedException {
        int code;
        try {
            JavaHome home = new JavaHomeSearch(properties(), System.getenv(), Path.of("/")).find();
            Optional<StartupArchive> archive = archive(home, args);
            code = run(command(home, archive, args));
            if (code == 0 && archive.isPresent() && archive.get().isWanted()) {
                System.err.println("llamapanama: making an archive of classes for faster starts, once ("
                        + archive.get().file() + ")");
                archive.get().make();
            }
        } catch (LauncherException e) {
            if (insideMaven()) {
                throw e;
            }
            System.err.println(e.getMessage());
            code = 2;
        }
        if (code != 0 && insideMaven()) {
            throw new LauncherException("llamapanama bench ended with exit code " + code);
        } else if (code != 0) {
            System.exit(code);
        }
    }

    /** For the one command whose users wait for the first token; the others measure for minutes. */
    private static Optional<StartupArchive> archive(JavaHome home, String[] args) {
        boolean generate = args.length > 0 && args[0].equals("generate");
        return generate ? StartupArchive.of(home.path(), OPTIONS, classPath(), CacheFolder.path()) : Optional.empty();
    }

    /** exec:java gives the project's classes a class loader of their own. */
    private static boolean insideMaven() {
        return Launcher.class.getClassLoader() != ClassLoader.getSystemClassLoader();
    }

    private static Map<String, String> properties() {
        Properties properties = System.getProperties();
        return properties.stringPropertyNames().stream()
                .collect(Collectors.toMap(name -> name, properties::getProperty));
    }

    private static List<String> command(JavaHome home, Optional<StartupArchive> archive, String[] args) {
        List<String> command = new ArrayList<>();
        command.add(home.java().toString());
        command.addAll(OPTIONS);
        archive.filter(StartupArchive::exists).ifPresent(found -> command.addAll(found.use()));
        command.add("-D" + PARENT_PROPERTY + "=" + ProcessHandle.current().pid());
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("llamapanama."))
                .sorted()
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        String more = System.getProperty(OPTIONS_PROPERTY, "").trim();
        if (!more.isEmpty()) {
            command.addAll(Arrays.asList(more.split("\\s+")));
        }
        command.add("-classpath");
        command.add(archive.map(StartupArchive::classPath).orElseGet(Launcher::classPath));
        command.add(MAIN);
        command.addAll(Arrays.asList(args));
        return command;
    }

    private static String classPath() {
        if (!(Launcher.class.getClassLoader() instanceof URLClassLoader loader)) {
            return System.getProperty("java.class.path");
        }
        return Arrays.stream(loader.getURLs()).map(Launcher::file).collect(Collectors.joining(File.pathSeparator));
    }

    private static String file(URL url) {
        try {
            return Path.of(url.toURI()).toString();
        } catch (URISyntaxException e) {
            throw new LauncherException("Not a file on the class path: " + url);
        }
    }

    private static int run(List<String> command) throws InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).inheritIO().start();
        } catch (IOException e) {
            throw new LauncherException("Cannot start " + command.get(0) + ": " + e.getMessage());
        }
        // Ctrl-C reaches both processes; the other signals reach this one only
        Thread stop = new Thread(() -> stop(process), "llamapanama-launcher-stop");
        Runtime.getRuntime().addShutdownHook(stop);
        int code = process.waitFor();
        try {
            Runtime.getRuntime().removeShutdownHook(stop);
        } catch (IllegalStateException e) {
            // this JVM is going down already
        }
        return code;
    }

    private static void stop(Process process) {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }
}
