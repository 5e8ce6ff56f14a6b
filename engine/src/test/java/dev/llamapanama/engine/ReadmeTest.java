package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.gguf.forge.ForgeCache;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class ReadmeTest {
    @Test
    void theExampleIsTheOneThatIsCompiled() throws IOException {
        String source = Files.readString(Path.of("src/test/java/dev/llamapanama/engine/ReadmeExample.java"));
        String begin = "// README begins\n";
        String example = source.substring(source.indexOf(begin) + begin.length(), source.indexOf("// README ends"));
        assertThat(Files.readString(Path.of("../README.md"))).contains(example);
    }

    @Test
    void theExampleRuns(@TempDir Path directory) throws IOException {
        Path model = new ForgeCache(directory).get(TinyModels.llama());
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            ReadmeExample.main(new String[] {model.toString()});
        } finally {
            System.setOut(out);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).containsPattern("\\d tok/s\n$");
    }
}
