package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TranscriptsTest {
    private final Transcripts transcripts = new Transcripts();

    @Test
    void theLongestBeginningIsFound() {
        transcripts.add(new Transcripts.Transcript("ab", "ab", new int[] {1}));
        transcripts.add(new Transcripts.Transcript("abc", "abc", new int[] {2}));
        assertThat(transcripts.find("abcd", "abcd").orElseThrow().tokens()).containsExactly(2);
        assertThat(transcripts.find("abd", "abd").orElseThrow().tokens()).containsExactly(1);
        assertThat(transcripts.find("b", "b")).isEmpty();
    }

    /** The first mark of a chat may stand for another character than that of another chat. */
    @Test
    void chatsThatDifferInWhatIsMarkedAreTwo() {
        transcripts.add(new Transcripts.Transcript("a\uE000", "a<", new int[] {1}));
        assertThat(transcripts.find("a\uE000b", "a>b")).isEmpty();
        assertThat(transcripts.find("a\uE000b", "a<b")).isPresent();
    }
}
