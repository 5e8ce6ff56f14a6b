package dev.llamapanama.bench.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks for a Java runtime that is new enough.
 *
 * <p>A choice that the user made comes first: the system property {@value #PROPERTY}, the runtime that this code runs
 * on, {@code JAVA_HOME}. After that the newest of all that lie where JDKs usually lie; among them are those that
 * Maven's toolchains plugin found and compiled this module with.
 */
final class JavaHomeSearch {
    /** System property: the home of the runtime to take. */
    static final String PROPERTY = "llamapanama.java.home";

    /** The first release with a final Foreign Function and Memory API. */
    static final int MINIMUM = 22;

    private static final Pattern JDK_HOME = Pattern.compile("<jdkHome>\\s*(.*?)\\s*</jdkHome>");

    private final Map<String, String> properties;
    private final Map<String, String> environment;
    private final Path root;

    /**
     * @param properties system properties: {@value #PROPERTY}, {@code java.home} and {@code user.home} are read
     * @param environment environment variables: {@code JAVA_HOME} is read
     * @param root the folder that holds {@code usr/lib/jvm} and {@code opt}
     */
    JavaHomeSearch(Map<String, String> properties, Map<String, String> environment, Path root) {
        this.properties = properties;
        this.environment = environment;
        this.root = root;
    }

    /**
     * The runtime to take.
     *
     * @throws LauncherException if there is none; its message says what to do
     */
    JavaHome find() {
        String wanted = properties.getOrDefault(PROPERTY, "");
        if (!wanted.isEmpty()) {
            return wanted(Path.of(wanted));
        }
        return home(properties.get("java.home"))
                .or(() -> home(environment.get("JAVA_HOME")))
                .or(this::newest)
                .orElseThrow(() ->
                        new LauncherException("llamapanama runs on JDK " + MINIMUM + " or newer, and none was found"
                                + " (this is Java " + properties.getOrDefault("java.version", "?")
                                + "). Install one, for example the"
                                + " package openjdk-25-jdk, or name its home with -D" + PROPERTY + "=DIR."));
    }

    private static JavaHome wanted(Path path) {
        JavaHome home = JavaHome.read(path)
                .orElseThrow(() -> new LauncherException("-D" + PROPERTY + "=" + path
                        + " is not the home of a JDK: it must hold" + " bin/java and a file named release."));
        if (home.feature() < MINIMUM) {
            throw new LauncherException("-D" + PROPERTY + "=" + path + " is Java " + home.version()
                    + "; llamapanama needs " + MINIMUM + " or newer.");
        }
        return home;
    }

    private static Optional<JavaHome> home(String path) {
        return path == null || path.isEmpty() ? Optional.empty() : newEnough(Path.of(path));
    }

    private static Optional<JavaHome> newEnough(Path path) {
        return JavaHome.read(path).filter(home -> home.feature() >= MINIMUM);
    }

    private Optional<JavaHome> newest() {
        return candidates().stream()
                .flatMap(path -> newEnough(path).stream())
                .max(Comparator.comparing(JavaHome::version));
    }

    private List<Path> candidates() {
        List<Path> candidates = new ArrayList<>();
        Path user = Path.of(properties.getOrDefault("user.home", "/"));
        candidates.addAll(toolchains(user.resolve(".m2/toolchains.xml")));
        candidates.addAll(toolchains(user.resolve(".m2/discovered-jdk-toolchains-cache.xml")));
        candidates.addAll(children(root.resolve("usr/lib/jvm"), "*"));
        candidates.addAll(children(root.resolve("opt"), "{java,jdk}*"));
        candidates.addAll(children(root.resolve("opt/java"), "*"));
        candidates.addAll(children(user.resolve(".sdkman/candidates/java"), "*"));
        candidates.addAll(children(user.resolve(".jdks"), "*"));
        return candidates;
    }

    private static List<Path> toolchains(Path file) {
        try {
            List<Path> homes = new ArrayList<>();
            Matcher matcher = JDK_HOME.matcher(Files.isRegularFile(file) ? Files.readString(file) : "");
            while (matcher.find()) {
                homes.add(Path.of(matcher.group(1)));
            }
            return homes;
        } catch (IOException | UncheckedIOException e) {
            return List.of(); // one place less to look at
        }
    }

    private static List<Path> children(Path folder, String glob) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, glob)) {
            stream.forEach(children::add);
        } catch (IOException e) {
            return List.of();
        }
        return children;
    }
}
