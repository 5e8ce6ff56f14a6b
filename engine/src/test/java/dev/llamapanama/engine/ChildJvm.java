package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs a class of the tests in a JVM of its own, because what it does may end the process. */
final class ChildJvm {
    private ChildJvm() {}

    /** The command that runs {@code main}; it finds the engine, and neither JUnit nor AssertJ. */
    static List<String> command(List<String> options, Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseSerialGC");
        command.add("-XX:-CreateCoredumpOnCrash");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(), main.getName()));
        command.addAll(arguments);
        return command;
    }

    static ProcessBuilder builder(Path folder, List<String> options, Class<?> main, List<String> arguments)
            throws IOException {
        List<String> all = new ArrayList<>(List.of("-XX:ErrorFile=" + folder.resolve("hs_err.log")));
        all.addAll(options);
        return new ProcessBuilder(command(all, main, arguments)).directory(folder.toFile());
    }

    private static String classPath() {
        // from the modules, because in a modular test run the class path does not have them
        Stream<Path> modules =
                Stream.of(Model.class, Llama.class, GgufFile.class).map(ChildJvm::origin);
        return Stream.concat(Stream.of(Path.of("target", "test-classes").toAbsolutePath()), modules)
                .map(Path::toString)
                .collect(Collectors.joining(":"));
    }

    private static Path origin(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
    }
}
