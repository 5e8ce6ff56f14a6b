package dev.llamapanama.bench.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.bench.Cli;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.KernelThresholds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
    @TempDir
    private Path root;

    @Test
    void thisMachineComputes() {
        Cli run = Cli.run("doctor");
        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(run.out())
                .contains("llama.cpp " + Backend.load().llamaCppVersion())
                .containsPattern("OK +computation +\\d+ tokens of a prompt and 8 of an answer");
        if (Backend.load().kernels().active()) {
            assertThat(run.out()).containsPattern("OK +kernels +.*; [1-9]\\d* operations");
        } else {
            assertThat(run.out()).containsPattern("HINT +kernels");
        }
    }

    @Test
    void measuredThresholdsAreWords() {
        assertThat(DoctorCommand.from(new KernelThresholds("Q8_0", 2, 1, Integer.MAX_VALUE)))
                .isEqualTo("Q8_0, as measured: small matrices from 2 tokens, large from 1 token, experts never");
    }

    @Test
    void whatTheLibraryLeavesUnusedIsNamed() throws IOException {
        Files.createDirectories(root.resolve("proc"));
        Files.writeString(root.resolve("proc/cpuinfo"), "flags\t\t: fpu avx avx2 avx512f avx512_vnni hypervisor\n");
        assertThat(CpuFlags.unused(root, List.of("AVX", "AVX2"))).containsExactly("AVX512", "AVX512_VNNI");
        assertThat(CpuFlags.unused(root, List.of("AVX", "AVX2", "AVX512", "AVX512_VNNI")))
                .isEmpty();
        assertThat(CpuFlags.unused(root.resolve("nowhere"), List.of())).isEmpty();
    }
}
