package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ChatDocTest {
    @Test
    void theExampleIsTheOneThatIsCompiled() throws IOException {
        String source = Files.readString(Path.of("src/test/java/dev/llamapanama/chat/ChatExample.java"));
        String begin = "// docs/chat.md begins\n";
        String example = source.substring(
                        source.indexOf(begin) + begin.length(),
                        source.lastIndexOf('\n', source.indexOf("// docs/chat.md ends")))
                .stripIndent();
        assertThat(Files.readString(Path.of("../docs/chat.md"))).contains("```java\n" + example + "\n```");
    }

    @Test
    void theExampleRuns() throws Exception {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            ChatExample.run(Models.tinyFile().toString());
        } finally {
            System.setOut(out);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).isNotBlank();
    }
}
