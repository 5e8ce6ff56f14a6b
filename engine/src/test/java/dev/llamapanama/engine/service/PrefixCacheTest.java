package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The tree over a memory of lists: every sequence must hold the tokens that the tree believes it has. */
class PrefixCacheTest {
    private static final int FIRST = 4; // sequences below are the requests'

    /** Entries are objects, so that sharing one and having an equal one are different things. */
    private static final class Lists implements PrefixCache.Memory {
        record Entry(int token, int position, long identity) {}

        private final Map<Integer, List<Entry>> sequences = new HashMap<>();
        private long identities;

        List<Entry> of(int sequence) {
            return sequences.computeIfAbsent(sequence, _ -> new ArrayList<>());
        }

        void compute(int sequence, int[] text, int length) {
            for (int i = of(sequence).size(); i < length; i++) {
                of(sequence).add(new Entry(text[i], i, identities++));
            }
        }

        @Override
        public void copy(int source, int target, int length) {
            assertThat(of(source).size()).isGreaterThanOrEqualTo(length);
            of(target).clear();
            of(target).addAll(of(source).subList(0, length));
        }

        @Override
        public void append(int source, int target, int from, int to) {
            assertThat(of(target)).hasSize(from);
            of(target).addAll(of(source).subList(from, to));
        }

        @Override
        public void truncate(int sequence, int length) {
            of(sequence).subList(length, of(sequence).size()).clear();
        }

        int entries(int from) {
            return (int) sequences.entrySet().stream()
                    .filter(entry -> entry.getKey() >= from)
                    .flatMap(entry -> entry.getValue().stream())
                    .distinct()
                    .count();
        }

        int[] tokens(int sequence) {
            return of(sequence).stream().mapToInt(Entry::token).toArray();
        }
    }

    private final Lists memory = new Lists();
    private PrefixCache cache = new PrefixCache(memory, FIRST, 3, false);

    private PrefixCache.Lease add(int sequence, int... text) {
        PrefixCache.Lease lease = new PrefixCache.Lease();
        cache.attach("", text, text.length - 1, sequence, lease);
        memory.compute(sequence, text, text.length);
        cache.insert("", text, text.length, sequence, lease);
        return lease;
    }

    private void leave(int sequence, PrefixCache.Lease lease) {
        cache.release(lease);
        memory.truncate(sequence, 0);
    }

    @Test
    void whatTextsHaveInCommonExistsOnce() {
        leave(0, add(0, 1, 2, 3, 4, 5));
        leave(0, add(0, 1, 2, 3, 9, 9, 9));
        assertThat(cache.tokens()).isEqualTo(8);
        assertThat(memory.entries(FIRST)).isEqualTo(8);
        assertThat(cache.match("", new int[] {1, 2, 3, 9, 9, 1}, 5)).isEqualTo(5);
        assertThat(cache.match("", new int[] {1, 2, 3, 4, 5}, 4)).isEqualTo(4);
        assertThat(cache.match("", new int[] {1, 2, 7}, 2)).isEqualTo(2);
        assertThat(cache.match("", new int[] {7}, 0)).isZero();
    }

    @Test
    void saltsKeepTenantsApart() {
        leave(0, add(0, 1, 2, 3, 4));
        assertThat(cache.match("other", new int[] {1, 2, 3, 4}, 3)).isZero();
    }

    @Test
    void theOldestEndGoesFirst() {
        leave(0, add(0, 1, 2, 3));
        leave(0, add(0, 1, 2, 4, 4));
        leave(0, add(0, 1, 2, 3)); // used again
        assertThat(cache.evict()).isTrue();
        assertThat(cache.match("", new int[] {1, 2, 4, 4, 0}, 4)).isEqualTo(2);
        assertThat(cache.match("", new int[] {1, 2, 3, 0}, 3)).isEqualTo(3);
        assertThat(cache.evict()).isTrue();
        assertThat(cache.tokens()).as("what only one text has is one piece").isZero();
        assertThat(cache.evict()).isFalse();
        assertThat(memory.entries(FIRST)).isZero();
        assertThat(cache.evictedTokens()).isEqualTo(5);
    }

    @Test
    void whatIsInUseStays() {
        PrefixCache.Lease lease = add(0, 1, 2, 3);
        assertThat(cache.evict()).isFalse();
        assertThat(cache.lockedTokens()).isEqualTo(3);
        leave(0, lease);
        assertThat(cache.lockedTokens()).isZero();
        assertThat(cache.evict()).isTrue();
    }

    @Test
    void anEndThatOnlyItsOwnerUsesGrowsInPlace() {
        int[] text = {1, 2, 3, 4, 5, 6};
        PrefixCache.Lease lease = new PrefixCache.Lease();
        for (int length = 2; length <= 6; length += 2) {
            memory.compute(0, text, length);
            cache.insert("", text, length, 0, lease);
            assertThat(lease.length()).isEqualTo(length);
        }
        assertThat(cache.tokens()).isEqualTo(6);
        leave(0, lease);
        assertThat(cache.evict()).isTrue();
        assertThat(cache.evict()).as("one leaf").isFalse();
    }

    @Test
    void aPinnedBeginningDoesNotGrow() {
        PrefixCache.Lease pin = add(0, 1, 2, 3);
        memory.truncate(0, 0);
        leave(1, add(1, 1, 2, 3, 4, 5));
        assertThat(cache.evict()).isTrue();
        assertThat(cache.evict()).isFalse();
        assertThat(cache.match("", new int[] {1, 2, 3, 4}, 3)).isEqualTo(3);
        cache.release(pin);
        assertThat(cache.evict()).isTrue();
    }

    @Test
    void aMemoryThatCannotBeCutIsUsedAtItsEndsOnly() {
        cache = new PrefixCache(memory, FIRST, 3, true);
        leave(0, add(0, 1, 2, 3, 4));
        assertThat(cache.match("", new int[] {1, 2, 3, 9}, 3)).isZero();
        assertThat(cache.common("", new int[] {1, 2, 3, 9}, 3)).isEqualTo(3);
        leave(0, add(0, 1, 2, 3));
        assertThat(cache.match("", new int[] {1, 2, 3, 9}, 3)).isEqualTo(3);
        assertThat(cache.match("", new int[] {1, 2, 3, 4, 5}, 4)).isEqualTo(4);
        assertThat(cache.evict()).isTrue();
        assertThat(cache.match("", new int[] {1, 2, 3, 4, 5}, 4)).isEqualTo(3);
        assertThat(cache.evict()).isTrue();
        assertThat(cache.tokens()).isZero();
    }

    /** Requests come, grow, and leave in any order, over texts of few tokens, so that they have much in common. */
    @Test
    void everySequenceHoldsWhatTheTreeBelieves() {
        for (boolean whole : new boolean[] {false, true}) {
            for (int seed = 0; seed < 60; seed++) {
                memory.sequences.clear();
                cache = new PrefixCache(memory, FIRST, 1 + seed % 5, whole);
                play(new Random(seed), whole, 1 + seed % FIRST);
            }
        }
    }

    private void play(Random random, boolean whole, int users) {
        int[][] texts = new int[FIRST][];
        PrefixCache.Lease[] leases = new PrefixCache.Lease[FIRST];
        for (int turn = 0; turn < 200; turn++) {
            int sequence = random.nextInt(users);
            if (texts[sequence] == null) {
                int[] text = random.ints(2 + random.nextInt(8), 0, 2).toArray();
                PrefixCache.Lease lease = new PrefixCache.Lease();
                int match = cache.match("", text, text.length - 1);
                cache.attach("", text, text.length - 1, sequence, lease);
                assertThat(lease.length()).isEqualTo(match);
                assertThat(memory.tokens(sequence)).isEqualTo(Arrays.copyOf(text, match));
                texts[sequence] = text;
                leases[sequence] = lease;
            } else if (random.nextBoolean()) {
                int have = memory.of(sequence).size();
                int length = have + random.nextInt(texts[sequence].length - have + 1);
                memory.compute(sequence, texts[sequence], length);
                cache.insert("", texts[sequence], length, sequence, leases[sequence]);
            } else {
                leave(sequence, leases[sequence]);
                texts[sequence] = null;
            }
            if (random.nextInt(8) == 0) {
                cache.evict();
            }
            check(whole, users);
        }
        for (int i = 0; i < FIRST; i++) {
            if (texts[i] != null) {
                leave(i, leases[i]);
            }
        }
        while (cache.evict()) {
            check(whole, users);
        }
        assertThat(cache.tokens()).isZero();
        assertThat(cache.lockedTokens()).isZero();
        assertThat(memory.entries(FIRST)).isZero();
    }

    /** Requests that compute the same text side by side hold it twice, and the cache may then have entries of both. */
    private void check(boolean whole, int users) {
        int held = memory.entries(FIRST);
        if (whole || users > 1) {
            assertThat(cache.tokens()).isGreaterThanOrEqualTo(cache.lockedTokens());
            assertThat(held > 0).isEqualTo(cache.tokens() > 0);
        } else {
            assertThat(held).isEqualTo(cache.tokens());
        }
    }
}
