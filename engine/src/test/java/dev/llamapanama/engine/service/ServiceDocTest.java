package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ServiceDocTest {
    @Test
    void theExampleIsTheOneThatIsCompiled() throws IOException {
        String source = Files.readString(Path.of("src/test/java/dev/llamapanama/engine/service/ServiceExample.java"));
        String begin = "// docs/service.md begins\n";
        String example =
                source.substring(source.indexOf(begin) + begin.length(), source.indexOf("// docs/service.md ends"));
        assertThat(Files.readString(Path.of("../docs/service.md"))).contains(example);
    }

    @Test
    void theExampleRuns() throws Exception {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            ServiceExample.main(new String[] {Models.llama().toString()});
        } finally {
            System.setOut(out);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).isNotBlank();
    }
}
