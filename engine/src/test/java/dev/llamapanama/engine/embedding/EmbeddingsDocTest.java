package dev.llamapanama.engine.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class EmbeddingsDocTest {
    @Test
    void theExampleIsTheOneThatIsCompiled() throws IOException {
        String source =
                Files.readString(Path.of("src/test/java/dev/llamapanama/engine/embedding/EmbeddingsExample.java"));
        String begin = "// docs begins\n";
        String example = source.substring(source.indexOf(begin) + begin.length(), source.indexOf("// docs ends"));
        assertThat(Files.readString(Path.of("../docs/embeddings.md"))).contains(example);
    }

    @Test
    void theExampleRuns() {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            EmbeddingsExample.main(
                    new String[] {Models.forged(TinyModels.bert()).toString()});
        } finally {
            System.setOut(out);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .matches("-?\\d[.,]\\d{3} Cats [^\n]*\n-?\\d[.,]\\d{3} The ship [^\n]*\n");
    }
}
