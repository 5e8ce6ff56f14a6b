package dev.llamapanama.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.llamapanama.bindings.ffi.LlamaH;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NativeLibraryTest {
    @Test
    void loadsOnceAndReportsWhatItLoaded() {
        NativeLibrary library = NativeLibrary.load();
        assertThat(NativeLibrary.load()).isSameAs(library);
        assertThat(library.directory().resolve("libllama.so")).exists();
        assertThat(Llama.version()).startsWith(library.property("llama.cpp.version"));
        assertThat(Llama.llamaCppTree()).isEqualTo(library.property("llama.cpp.tree"));
        assertThat(Llama.describe()).contains("backend\tCPU", "device\tCPU");
    }

    @Test
    void generatedLayoutsAgreeWithTheCompiler() {
        NativeLibrary.load();
        List<AbiCheck.Layout> compiled = AbiCheck.ofLoadedLibrary();
        assertThat(compiled).hasSizeGreaterThan(80);
        assertThat(AbiCheck.differences(compiled)).isEmpty();
    }

    @Test
    void everyGeneratedStructIsCompared() throws Exception {
        Path generated = Path.of(LlamaH.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolve(LlamaH.class.getPackageName().replace('.', '/'));
        List<String> structs = new ArrayList<>();
        try (Stream<Path> files = Files.list(generated)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                Class<?> type = Class.forName(LlamaH.class.getPackageName() + "." + name);
                boolean struct = !name.contains("$")
                        && Stream.of(type.getMethods())
                                .anyMatch(method -> method.getName().equals("layout"));
                if (struct) {
                    structs.add(name);
                }
            }
        }
        assertThat(AbiCheck.GENERATED.keySet()).containsExactlyInAnyOrderElementsOf(structs);
    }

    @Test
    void aFieldThatTheLibraryDoesNotHaveIsNamed() {
        NativeLibrary.load();
        List<AbiCheck.Layout> without = AbiCheck.ofLoadedLibrary().stream()
                .filter(layout -> !layout.name().equals("llama_context_params.kv_unified"))
                .toList();
        assertThat(AbiCheck.differences(without))
                .containsExactly("llama_context_params.kv_unified: unknown to the library");
    }

    @Test
    void aShimOfAnotherInterfaceIsRefused() {
        Path directory = Path.of("/somewhere");
        NativeLibrary.checkInterface(LlamaH.LLAMAPANAMA_INTERFACE_VERSION(), directory);
        assertThatThrownBy(() -> NativeLibrary.checkInterface(12345, directory))
                .isInstanceOf(NativeLoadException.class)
                .hasMessageContaining("/somewhere/libllamapanama.so")
                .hasMessageContaining("version 12345, and the bindings need " + LlamaH.LLAMAPANAMA_INTERFACE_VERSION())
                .hasMessageContaining("one build");
    }

    @Test
    void aMovedFieldIsNamedWithBothOffsets() {
        List<AbiCheck.Layout> moved = List.of(
                new AbiCheck.Layout("llama_context_params", 0, 184),
                new AbiCheck.Layout("llama_context_params.n_batch", 8, 4),
                new AbiCheck.Layout("llama_context_params.brand_new", 12, 4));
        assertThatThrownBy(() -> NativeLibrary.checkAbi(moved, Path.of("/somewhere")))
                .isInstanceOf(NativeLoadException.class)
                .hasMessageContaining("/somewhere")
                .hasMessageContaining("n_batch: offset 8, size 4 in the library; offset 4, size 4 in the bindings")
                .hasMessageContaining("brand_new: unknown to the bindings")
                .hasMessageContaining("generate.sh");
    }

    @Test
    void aLesserCpuIsRefusedByTheNameOfWhatItLacks() {
        CpuFeatures old = CpuFeatures.parse("processor\t: 0\nflags\t\t: fpu sse sse2 sse4_2 avx\n");
        assertThatThrownBy(
                        () -> NativeLibrary.checkCpu(old, List.of("SSE42", "AVX", "AVX2", "FMA", "AVX512"), "the jar"))
                .isInstanceOf(NativeLoadException.class)
                .hasMessageContaining("the jar")
                .hasMessageContaining("AVX2, AVX512, FMA")
                .hasMessageContaining("portable");
    }

    @Test
    void otherPlatformsAreRefusedByName() {
        assertThat(NativeLibrary.platform("Linux", "amd64")).isEqualTo("linux-x86_64");
        assertThat(NativeLibrary.platform("Linux", "aarch64")).isEqualTo("linux-aarch64");
        assertThatThrownBy(() -> NativeLibrary.platform("Windows 11", "amd64")).hasMessageContaining("Windows 11");
        assertThatThrownBy(() -> NativeLibrary.platform("Linux", "riscv64")).hasMessageContaining("riscv64");
    }
}
