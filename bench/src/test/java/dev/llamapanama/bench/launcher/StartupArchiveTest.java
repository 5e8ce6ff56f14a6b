package dev.llamapanama.bench.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.bench.TinyModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the real program, in JVMs of its own. */
class StartupArchiveTest {
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    @TempDir
    private Path cache;

    private record Run(int code, String out, String err) {}

    @Test
    void isMadeUsedAndHarmlessWhenDamaged() throws IOException, InterruptedException {
        StartupArchive archive = archive().orElseThrow();
        assertThat(archive.exists()).isFalse();

        assertThat(archive.make()).isTrue();
        assertThat(archive.exists()).isTrue();
        assertThat(archive().orElseThrow().file()).isEqualTo(archive.file());

        List<String> use = new ArrayList<>(archive.use());
        Run with =
                generate(archive, use, List.of("-Xshare:on", "-Xlog:class+load:file=" + cache.resolve("classes.txt")));
        assertThat(with.code()).isZero();
        assertThat(with.out()).isNotBlank();
        assertThat(with.err()).contains("generation: 2 tokens").doesNotContain("[warning]", "[error");
        assertThat(Files.readAllLines(cache.resolve("classes.txt")))
                .anyMatch(line -> line.contains("dev.llamapanama.engine.Model source: shared objects file"))
                .anyMatch(line -> line.contains("dev.llamapanama.bench.Main source: shared objects file"));

        byte[] good = Files.readAllBytes(archive.file());
        byte[] changed = good.clone();
        for (int i = good.length / 3; i < good.length; i += good.length / 1000) {
            changed[i] ^= (byte) 0xFF;
        }
        for (byte[] damaged : List.of(new byte[0], "no archive".getBytes(StandardCharsets.UTF_8), changed)) {
            Files.write(archive.file(), damaged);
            Run run = generate(archive, use, List.of());
            assertThat(run.code()).isZero();
            assertThat(run.out()).isEqualTo(with.out());
        }
        Files.delete(archive.file());
        assertThat(generate(archive, use, List.of()).out()).isEqualTo(with.out());
    }

    @Test
    void anotherFileOrOptionMakesAnotherArchive() throws IOException {
        Path jar = Files.writeString(cache.resolve("a.jar"), "x");
        Path first = of(List.of("-Xint"), jar).file();

        assertThat(of(List.of("-Xint"), jar).file()).isEqualTo(first);
        assertThat(of(List.of(), jar).file()).isNotEqualTo(first);
        Files.writeString(jar, "xy");
        assertThat(of(List.of("-Xint"), jar).file()).isNotEqualTo(first);
    }

    @Test
    void withoutAWritableCacheThereIsNone() throws IOException {
        Path file = Files.writeString(cache.resolve("file"), "no folder");
        Path classes = Files.createDirectory(cache.resolve("classes"));
        Files.writeString(classes.resolve("A.class"), "x");

        assertThat(StartupArchive.of(JAVA_HOME, List.of(), classes.toString(), file))
                .isEmpty();
    }

    @Test
    void cannotBeMadeOfAProgramThatDoesNotRun() throws IOException, InterruptedException {
        Path jar = Files.writeString(cache.resolve("a.jar"), "x");
        StartupArchive archive = of(List.of(), jar);

        assertThat(archive.isWanted()).isTrue();
        assertThat(archive.make()).isFalse();
        assertThat(archive.exists()).isFalse();
        assertThat(archive.isWanted()).isFalse(); // not tried again and again
        try (Stream<Path> left = Files.list(cache.resolve("startup"))) {
            assertThat(left).singleElement().asString().endsWith(".failed");
        }
    }

    @Test
    void directoriesArePackedOnceAndAgainWhenTheyChange() throws IOException {
        Path classes = Files.createDirectories(cache.resolve("classes/META-INF"));
        Files.writeString(classes.resolve("x.txt"), "one");
        JarredClassPath paths = new JarredClassPath(cache.resolve("startup"));

        Path jar = Path.of(paths.of(classes.getParent().toString()));
        assertThat(jar).isRegularFile();
        assertThat(paths.of(classes.getParent().toString())).isEqualTo(jar.toString());
        Files.writeString(classes.resolve("x.txt"), "three");
        Path later = Path.of(paths.of(classes.getParent().toString()));

        assertThat(later).isNotEqualTo(jar).isRegularFile();
        assertThat(jar).doesNotExist();
        try (JarFile file = new JarFile(later.toFile())) {
            assertThat(file.getEntry("META-INF/x.txt").getSize()).isEqualTo(5);
        }
    }

    private Optional<StartupArchive> archive() {
        return StartupArchive.of(JAVA_HOME, Launcher.OPTIONS, System.getProperty("java.class.path"), cache);
    }

    private StartupArchive of(List<String> options, Path jar) {
        return StartupArchive.of(JAVA_HOME, options, jar.toString(), cache).orElseThrow();
    }

    private Run generate(StartupArchive archive, List<String> use, List<String> more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(JAVA_HOME.resolve("bin/java").toString());
        command.addAll(Launcher.OPTIONS);
        command.addAll(use);
        command.addAll(more);
        command.addAll(List.of("-classpath", archive.classPath(), "dev.llamapanama.bench.Main", "generate"));
        command.addAll(List.of("--model", TinyModel.file().toString(), "--prompt", "Once", "--seed", "1"));
        command.addAll(List.of("--max-tokens", "2", "--threads", "1", "--context", "128", "--ignore-eos"));
        Path err = cache.resolve("err.txt");
        Process process =
                new ProcessBuilder(command).redirectError(err.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), out, Files.readString(err));
    }
}
