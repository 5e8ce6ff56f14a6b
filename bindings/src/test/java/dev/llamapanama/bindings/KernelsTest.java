package dev.llamapanama.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class KernelsTest {
    /** Every type and size, against float64 and the CPU backend; the program is built beside llama.cpp's tools. */
    @Test
    void theKernelsComputeWhatTheyShould() throws IOException, InterruptedException {
        assertThat(run("llamapanama-kernels-test")).contains("plain: ", "operations: ", "all hold");
    }

    /** The same with AddressSanitizer and UndefinedBehaviorSanitizer, where the compiler has them. */
    @Test
    void theKernelsStayInsideTheirMemory() throws IOException, InterruptedException {
        assertThat(run("llamapanama-kernels-test-sanitized")).contains("operations: ", "all hold");
    }

    private static String run(String name) throws IOException, InterruptedException {
        Path file = Path.of("target/oracle/oracle.properties");
        assumeTrue(Files.exists(file), "the native tools are not built (-Poracle)");
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        Path program = Path.of(properties.getProperty("directory"), name);
        assumeTrue(Files.exists(program), "not in this build: kernels are for x86-64 with OpenMP");

        ProcessBuilder builder = new ProcessBuilder(program.toString()).redirectErrorStream(true);
        builder.environment().put("ASAN_OPTIONS", "detect_leaks=0"); // ggml's registry is never freed
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).describedAs(output).isZero();
        return output;
    }

    @Test
    void anUnknownSettingIsRefused() {
        System.setProperty(NativeLibrary.KERNELS_PROPERTY, "perhaps");
        try {
            assertThatThrownBy(NativeLibrary::kernelsWanted)
                    .isInstanceOf(NativeLoadException.class)
                    .hasMessageContaining("perhaps");
        } finally {
            System.clearProperty(NativeLibrary.KERNELS_PROPERTY);
        }
    }
}
