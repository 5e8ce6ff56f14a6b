package dev.llamapanama.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each failure of the loader, in a JVM of its own, since a process loads the libraries once. */
class NativeLoadFailureTest {
    @TempDir
    private Path directory;

    /** Loads the libraries and prints the outcome in one line. */
    static final class Loader {
        public static void main(String[] args) {
            try {
                System.out.println("LOADED " + NativeLibrary.load().directory());
            } catch (NativeLoadException e) {
                System.out.println("REFUSED " + String.valueOf(e.getMessage()).replace('\n', ' '));
            }
        }
    }

    private static Path built() {
        return Path.of(System.getProperty("user.dir"), "target/classes/META-INF/native")
                .resolve(NativeLibrary.platform(System.getProperty("os.name"), System.getProperty("os.arch")));
    }

    private Path copyOfTheBuild() throws IOException {
        Path copy = Files.createDirectories(directory.resolve("natives"));
        try (Stream<Path> files = Files.list(built())) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private static String load(String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of(options));
        if (Stream.of(options).noneMatch(option -> option.equals("-cp"))) {
            command.addAll(List.of("-cp", "target/classes:target/test-classes"));
        }
        command.add(Loader.class.getName());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD) // the JVM warns of damaged libraries there
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    private static void edit(Path natives, String key, String value) throws IOException {
        Path file = natives.resolve("native.properties");
        Properties properties = new Properties();
        try (var in = Files.newInputStream(file)) {
            properties.load(in);
        }
        properties.setProperty(key, value);
        try (var out = Files.newOutputStream(file)) {
            properties.store(out, null);
        }
    }

    @Test
    void aDirectoryOfLibrariesIsTakenAsItIs() throws Exception {
        Path natives = copyOfTheBuild();
        assertThat(load("-Dllamapanama.native.dir=" + natives)).isEqualTo("LOADED " + natives);
    }

    @Test
    void aDirectoryWithoutLibrariesIsNamed() throws Exception {
        assertThat(load("-Dllamapanama.native.dir=" + directory))
                .startsWith("REFUSED " + directory.resolve("native.properties") + " does not exist");
    }

    @Test
    void aMissingLibraryIsNamed() throws Exception {
        Path natives = copyOfTheBuild();
        Files.delete(natives.resolve("libllama.so"));
        assertThat(load("-Dllamapanama.native.dir=" + natives))
                .startsWith("REFUSED " + natives.resolve("libllama.so") + " is missing");
    }

    @Test
    void aDamagedLibraryIsNamedWithTheLoadersReason() throws Exception {
        Path natives = copyOfTheBuild();
        Files.writeString(natives.resolve("libggml.so"), "not a library");
        assertThat(load("-Dllamapanama.native.dir=" + natives))
                .startsWith("REFUSED " + natives.resolve("libggml.so") + " cannot be loaded: ")
                .contains("mvn install");
    }

    /** As a build from before the shim said which interface it has: here, the function goes by another name. */
    @Test
    void aShimOfAnOlderBuildIsRefused() throws Exception {
        Path natives = copyOfTheBuild();
        Path shim = natives.resolve("libllamapanama.so");
        String content = Files.readString(shim, StandardCharsets.ISO_8859_1);
        String function = "llamapanama_interface_version";
        assertThat(content).contains(function);
        Files.writeString(
                shim, content.replace(function, "llamapanama_interface_VERSION"), StandardCharsets.ISO_8859_1);
        assertThat(load("-Dllamapanama.native.dir=" + natives))
                .startsWith("REFUSED " + shim + " is of another build of llamapanama")
                .contains("version 0, and the bindings need");
    }

    @Test
    void aMissingCpuBackendIsSaid() throws Exception {
        Path natives = copyOfTheBuild();
        Files.delete(natives.resolve("libggml-cpu.so"));
        assertThat(load("-Dllamapanama.native.dir=" + natives))
                .contains("REFUSED No CPU backend of ggml in " + natives);
    }

    @Test
    void damagedKernelsAreNamedWithTheLoadersReasonAndTheWayAroundThem() throws Exception {
        Path natives = copyOfTheBuild();
        Path kernels = natives.resolve("libggml-llamapanama.so");
        assumeTrue(Files.exists(kernels), "kernels are for x86-64 with OpenMP");
        Files.writeString(kernels, "not a library");
        assertThat(load("-Dllamapanama.native.dir=" + natives))
                .startsWith("REFUSED ")
                .contains(kernels + " could not be loaded", "-Dllamapanama.kernels=off", "file too short");
        assertThat(load("-Dllamapanama.native.dir=" + natives, "-Dllamapanama.kernels=off"))
                .isEqualTo("LOADED " + natives);
    }

    @Test
    void anotherVersionIsRefusedBeforeItIsLoaded() throws Exception {
        Path natives = copyOfTheBuild();
        edit(natives, "llama.cpp.version", "1.0.0");
        assertThat(load("-Dllamapanama.native.dir=" + natives))
                .startsWith(
                        "REFUSED The native libraries in " + natives + " are llama.cpp 1.0.0; these bindings are for");
    }

    @Test
    void aLesserCpuIsRefusedBeforeAnyNativeInstruction() throws Exception {
        Path natives = copyOfTheBuild();
        edit(natives, "cpu.features", "SSE42,AVX1024");
        assertThat(load("-Dllamapanama.native.dir=" + natives))
                .contains("need CPU features that this machine lacks: AVX1024");
    }

    @Test
    void aJarIsUnpackedIntoTheCache() throws Exception {
        Path jar = jarOfTheBuild();
        Path cache = directory.resolve("cache");
        String output = load("-Dllamapanama.cache=" + cache, "-cp", jar + ":target/test-classes");
        assertThat(output).startsWith("LOADED " + cache.resolve("lib"));
    }

    @Test
    void aCacheThatCannotBeWrittenGivesWayToATemporaryDirectory() throws Exception {
        Path jar = jarOfTheBuild();
        Path file = Files.writeString(directory.resolve("file"), "a file where a directory should be");
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        String output = load(
                "-Dllamapanama.cache=" + file, "-Djava.io.tmpdir=" + temporary, "-cp", jar + ":target/test-classes");
        assertThat(output).startsWith("LOADED " + temporary);
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left).as("removed when the JVM ends").isEmpty();
        }
    }

    private Path jarOfTheBuild() throws Exception {
        Path jar = directory.resolve("bindings.jar");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/jar").toString(),
                        "--create",
                        "--file",
                        jar.toString(),
                        "-C",
                        "target/classes",
                        ".")
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
        return jar;
    }
}
