package dev.llamapanama.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeExtractionTest {
    private static final List<String> FILES = List.of("liba.so", "libb.so", "native.properties");

    @TempDir
    private Path directory;

    /** A jar with the files of a native build in it; returns the address of its native.properties. */
    private URL jar() throws IOException {
        Path jar = directory.resolve("natives.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String name : FILES) {
                zip.putNextEntry(new ZipEntry("META-INF/native/linux-x86_64/" + name));
                zip.write(("content of " + name).getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        return URI.create("jar:" + jar.toUri() + "!/META-INF/native/linux-x86_64/native.properties")
                .toURL();
    }

    @Test
    void unpacksOnceAndLeavesNothingElseBehind() throws IOException {
        Path target = directory.resolve("cache/lib/0123456789abcdef");
        NativeExtraction.Target place = new NativeExtraction.Target(target, false);
        assertThat(place.extract(jar(), FILES)).isEqualTo(target);
        assertThat(target.resolve("liba.so")).hasContent("content of liba.so");
        Files.writeString(target.resolve("liba.so"), "untouched");
        assertThat(place.extract(jar(), FILES)).isEqualTo(target);
        assertThat(target.resolve("liba.so")).hasContent("untouched");
        try (Stream<Path> siblings = Files.list(target.getParent())) {
            assertThat(siblings).containsExactly(target);
        }
    }

    @Test
    void manyAtOnceEndWithOneWholeDirectory() throws Exception {
        Path target = directory.resolve("cache/lib/0123456789abcdef");
        URL jar = jar();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Path>> tasks = IntStream.range(0, 32)
                    .mapToObj(
                            i -> (Callable<Path>) () -> new NativeExtraction.Target(target, false).extract(jar, FILES))
                    .toList();
            for (Future<Path> result : threads.invokeAll(tasks)) {
                assertThat(result.get()).isEqualTo(target);
            }
        }
        try (Stream<Path> siblings = Files.list(target.getParent())) {
            assertThat(siblings).containsExactly(target);
        }
        for (String name : FILES) {
            assertThat(target.resolve(name)).hasContent("content of " + name);
        }
    }

    @Test
    void aFailureHalfwayLeavesNoDirectory() throws IOException {
        Path target = directory.resolve("cache/lib/0123456789abcdef");
        NativeExtraction.Target place = new NativeExtraction.Target(target, false);
        URL jar = jar();
        assertThatThrownBy(() -> place.extract(jar, List.of("liba.so", "not-in-the-jar.so")))
                .isInstanceOf(IOException.class);
        assertThat(target).doesNotExist();
        try (Stream<Path> siblings = Files.list(target.getParent())) {
            assertThat(siblings).isEmpty();
        }
    }

    @Test
    void theUsersCacheComesFirstAndATemporaryDirectoryLast() {
        Properties properties = new Properties();
        properties.setProperty("sha256", "0123456789abcdef0123456789abcdef");
        NativeExtraction.Target first = NativeExtraction.inCache(properties);
        assertThat(first.directory()).isEqualTo(NativeExtraction.cache().resolve("lib/0123456789abcdef"));
        assertThat(first.temporary()).isFalse();
        NativeExtraction.Target last = NativeExtraction.inTemporaryDirectory(properties);
        assertThat(last.temporary()).isTrue();
        assertThat(last.directory())
                .isNotEqualTo(NativeExtraction.inTemporaryDirectory(properties).directory());
    }

    @Test
    void aJarWithoutContentHashIsCalledDamaged() {
        assertThatThrownBy(() -> NativeExtraction.inCache(new Properties()))
                .isInstanceOf(NativeLoadException.class)
                .hasMessageContaining("damaged");
    }
}
