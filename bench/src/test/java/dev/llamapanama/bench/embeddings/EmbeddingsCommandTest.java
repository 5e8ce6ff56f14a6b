package dev.llamapanama.bench.embeddings;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.Cli;
import dev.llamapanama.bench.Oracle;
import dev.llamapanama.gguf.forge.ForgeCache;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class EmbeddingsCommandTest {
    @Test
    void theServersVectorsAreTheSame() throws IOException {
        Oracle.tool("llama-server");
        Path bert = new ForgeCache(Path.of("target", "models")).get(TinyModels.bert());
        Cli cli = Cli.run(
                "embeddings",
                "--model",
                bert.toString(),
                "--documents",
                "5",
                "--repetitions",
                "2",
                "--threads",
                "1",
                "--quiet",
                "--format",
                "json");
        assertThat(cli.code()).as(cli.err()).isZero();
        JsonNode row = new JsonMapper().readTree(cli.out()).get(0);
        assertThat(row.get("engine_ds")).hasSize(2);
        assertThat(row.get("server_ds")).hasSize(2);
        assertThat(row.get("most_distance").asDouble()).isLessThan(1e-3);
        assertThat(row.get("tokens").asInt()).isPositive();
    }

    @Test
    void wrongArgumentsAreRefusedBeforeAnyWork() {
        for (String[] wrong : new String[][] {
            {"embeddings", "--documents", "0"},
            {"embeddings", "--words", "0"},
            {"embeddings", "--model", "nowhere.gguf"}
        }) {
            Cli cli = Cli.run(wrong);
            assertThat(cli.code()).as(String.join(" ", wrong)).isEqualTo(2);
            assertThat(cli.err().lines()).hasSize(1);
        }
    }
}
