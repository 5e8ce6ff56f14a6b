package dev.llamapanama.bench.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamsResultTest {
    @Test
    void readsALineOfLlamaBatchedBench() throws IOException {
        StreamsResult result = StreamsResult.parse("""
                {"n_kv_max": 2048, "n_batch": 2048, "n_ubatch": 512, "flash_attn": -1, "is_pp_shared": 0, \
                "n_gpu_layers": -1, "n_threads": 8, "n_threads_batch": 6, "pp": 128, "tg": 64, "pl": 2, "n_kv": 384, \
                "t_pp": 0.233810, "speed_pp": 1094.906250, "t_tg": 3.503684, "speed_tg": 36.532974, "t": 3.737494, \
                "speed": 102.742981}
                """);

        assertThat(result.nKvMax()).isEqualTo(2048);
        assertThat(result.flashAttn()).isEqualTo(-1);
        assertThat(result.nThreads()).isEqualTo(8);
        assertThat(result.nThreadsBatch()).isEqualTo(6);
        assertThat(result.pp()).isEqualTo(128);
        assertThat(result.tg()).isEqualTo(64);
        assertThat(result.pl()).isEqualTo(2);
        assertThat(result.nKv()).isEqualTo(384);
        assertThat(result.tPp()).isEqualTo(0.233810);
        assertThat(result.speedPp()).isEqualTo(1094.906250);
        assertThat(result.tTg()).isEqualTo(3.503684);
        assertThat(result.speedTg()).isEqualTo(36.532974);
        assertThat(result.speed()).isEqualTo(102.742981);
        assertThat(result.modelFilename()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", "[]", "{}", "{\"pp\": 128}"})
    void refusesWhatIsNoRow(String line) {
        assertThatThrownBy(() -> StreamsResult.parse(line)).isInstanceOf(IOException.class);
    }
}
