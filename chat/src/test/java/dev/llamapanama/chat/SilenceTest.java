package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said and answered is in no log: whatever a process writes, Java or native code, with logs as they are by default. */
class SilenceTest {
    private static final String SECRET = "Geheimnis";

    @TempDir
    private Path folder;

    @Test
    void nothingThatIsSaidIsLogged() throws Exception {
        Path log = folder.resolve("log");
        Path answered = folder.resolve("answers");
        Path template = Templates.all().stream()
                .filter(file -> Templates.name(file).equals("Qwen-Qwen2.5-7B-Instruct"))
                .findFirst()
                .orElseThrow();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dstdout.encoding=UTF-8",
                        "-Dstderr.encoding=UTF-8",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SilentChild.class.getName(),
                        Models.tinyFile().toString(),
                        template.toString(),
                        SECRET,
                        answered.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String written = Files.readString(log);
        assertThat(process.exitValue()).as(written).isZero();
        String answers = Files.readString(answered);
        assertThat(answers).contains(SECRET);
        assertThat(written).doesNotContain(SECRET);
        answers.lines()
                .filter(line -> line.length() > 3 && !line.startsWith("class "))
                .forEach(line -> assertThat(written).doesNotContain(line));
    }
}
