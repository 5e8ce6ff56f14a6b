package dev.llamapanama.bench.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommitTest {
    @Test
    void ofACleanWorkTree() throws IOException {
        String commit = Commit.read(properties("git.commit.id.abbrev=4ef28da\ngit.dirty=false\n"));

        assertThat(commit).isEqualTo("4ef28da");
        assertThat(Commit.isClean(commit)).isTrue();
    }

    @Test
    void ofAWorkTreeWithChanges() throws IOException {
        String commit = Commit.read(properties("git.commit.id.abbrev=4ef28da\ngit.dirty=true\n"));

        assertThat(commit).isEqualTo("4ef28da-dirty");
        assertThat(Commit.isClean(commit)).isFalse();
    }

    @Test
    void withoutGit() throws IOException {
        assertThat(Commit.read(null)).isEqualTo("unknown");
        assertThat(Commit.read(properties("git.dirty=false\n"))).isEqualTo("unknown");
    }

    @ParameterizedTest
    @ValueSource(strings = {"unknown", "", " ", "4ef28da-dirty"})
    void whatCannotBeMadeAgain(String commit) {
        assertThat(Commit.isClean(commit)).isFalse();
    }

    /** The build writes the file, or does not, where there is no git. */
    @Test
    void ofThisBuild() {
        assertThat(Commit.ofThisBuild()).matches("unknown|[0-9a-f]{7,}(-dirty)?");
    }

    private static InputStream properties(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
