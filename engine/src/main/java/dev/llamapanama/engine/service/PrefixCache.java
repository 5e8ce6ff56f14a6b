package dev.llamapanama.engine.service;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the KV memory keeps of texts that were computed: a radix tree over token ids, as in SGLang's RadixAttention (Zheng et
 * al., 2023).
 *
 * <p>Each leaf owns a sequence of the context that holds all tokens from the root to it; sequences share the entries of what
 * they have in common, so an entry exists once. A request that begins like a path gets a share of it. When room is needed, the
 * leaf that was not used for longest goes, and its parent inherits the sequence.
 *
 * <p>Where a memory cannot be cut ({@code whole}: recurrent models, sliding windows that forget), a sequence is of use only at
 * its end; then inner nodes own sequences too, as checkpoints.
 *
 * <p>Used by the one thread that decodes.
 */
final class PrefixCache {
    private static final int NONE = -1;

    /** What the tree does to the sequences of a context. */
    interface Memory {
        /** Makes a sequence share the first positions of another one; all of it where a memory cannot be cut. */
        void copy(int source, int target, int length);

        /** Makes a sequence share positions of another one behind what it has. */
        void append(int source, int target, int from, int to);

        /**
         * Is told that the end of a path is about to go.
         *
         * @param text tokens of the path, which {@code sequence} holds
         * @param lost how many of them no other path has
         */
        default void leaving(String salt, int[] text, int lost, int sequence) {}

        /** Cuts a sequence off; 0 removes it. */
        void truncate(int sequence, int length);
    }

    /** A stretch of tokens that follows its parent's. */
    private static final class Node {
        @Nullable
        Node parent;

        int[] tokens;
        int end; // tokens from the root to the end of this node
        final Map<Integer, Node> children = new HashMap<>(); // by their first token
        int sequence = NONE;
        int locks; // leases that end here
        long used;

        Node(@Nullable Node parent, int[] tokens) {
            this.parent = parent;
            this.tokens = tokens;
            this.end = (parent == null ? 0 : parent.end) + tokens.length;
        }

        int begin() {
            return end - tokens.length;
        }
    }

    /** A place in the tree: {@code length} tokens from the root, within or at the end of {@code node}. */
    private record Place(Node node, int length) {}

    /** Keeps a path in the cache until it is released. */
    static final class Lease {
        private @Nullable Node node;

        /** Tokens that are shared with the cache. */
        int length() {
            return node == null ? 0 : node.end;
        }
    }

    private final Memory memory;
    private final boolean whole;
    private final Map<String, Node> roots = new HashMap<>();
    private final int[] free; // sequences
    private int freeCount;
    private int tokens;
    private long clock;
    private long evicted;

    /**
     * Makes one.
     *
     * @param firstSequence the first of the sequences that it may use
     * @param count how many
     * @param whole whether the memory cannot be cut
     */
    PrefixCache(Memory memory, int firstSequence, int count, boolean whole) {
        this.memory = memory;
        this.whole = whole;
        this.free = new int[count];
        for (int i = 0; i < count; i++) {
            free[i] = firstSequence + count - 1 - i;
        }
        this.freeCount = count;
    }

    /** Entries of the KV memory that the tree holds. */
    int tokens() {
        return tokens;
    }

    /** Tokens given up so far. */
    long evictedTokens() {
        return evicted;
    }

    /** How many tokens at the beginning of a text could be had, {@code limit} at most. */
    int match(String salt, int[] text, int limit) {
        return usable(salt, text, limit).length;
    }

    /** How many tokens at its beginning a text has in common with the tree, whether they can be had or not. */
    int common(String salt, int[] text, int limit) {
        return find(salt, text, limit).length;
    }

    /** Entries that {@link #attach} would keep from being given up, beside those that are kept already. */
    int lockedBy(String salt, int[] text, int limit) {
        Place place = usable(salt, text, limit);
        int count = 0;
        int end = place.length;
        for (Node node = place.node; node != null && !isLocked(node); node = node.parent) {
            count += end - node.begin();
            end = node.begin();
        }
        return count;
    }

    /**
     * Gives a sequence what the tree has of a text, {@code limit} tokens at most, and keeps that in the tree.
     *
     * @param target an empty sequence
     * @param lease an unused one; it then says how many tokens there were
     */
    void attach(String salt, int[] text, int limit, int target, Lease lease) {
        Place place = usable(salt, text, limit);
        if (place.length == 0) {
            return;
        }
        Node node = cut(place);
        memory.copy(sequenceOf(node), target, node.end);
        moveLease(lease, node);
    }

    /**
     * Adds the first {@code length} tokens of a text, which {@code source} has computed; as many as there is a sequence for.
     *
     * @param lease of what {@code source} shares with the tree; it then ends where the added text does, if that could be added
     */
    void insert(String salt, int[] text, int length, int source, Lease lease) {
        if (free.length == 0 || length == 0) {
            return;
        }
        Place place = find(roots.computeIfAbsent(salt, _ -> root()), text, length);
        try {
            insert(place, text, length, source, lease);
        } finally {
            roots.values().removeIf(root -> root.children.isEmpty()); // nothing could be added
        }
    }

    private void insert(Place place, int[] text, int length, int source, Lease lease) {
        if (whole) {
            checkpoint(place, text, length, source, lease);
        } else if (place.length == length) {
            moveLease(lease, cut(place));
        } else if (isOwnLeaf(place, lease)) {
            Node leaf = place.node;
            memory.append(source, leaf.sequence, leaf.end, length);
            int[] longer = Arrays.copyOf(leaf.tokens, leaf.tokens.length + length - leaf.end);
            System.arraycopy(text, leaf.end, longer, leaf.tokens.length, length - leaf.end);
            tokens += length - leaf.end;
            leaf.tokens = longer;
            leaf.end = length;
            moveLease(lease, leaf);
        } else {
            branch(place, text, length, source, lease);
        }
    }

    /** Whether a place is the end of a leaf that nobody else keeps, so that it can grow. */
    private static boolean isOwnLeaf(Place place, Lease lease) {
        Node node = place.node;
        return node.parent != null
                && place.length == node.end
                && node.children.isEmpty()
                && node.locks == (lease.node == node ? 1 : 0);
    }

    private void branch(Place place, int[] text, int length, int source, Lease lease) {
        Node parent = cut(place);
        if (parent.sequence == NONE) {
            makeFree(parent);
        }
        int sequence = parent.sequence;
        if (sequence != NONE) {
            parent.sequence = NONE; // it is a leaf; its sequence grows into the new one
        } else if (freeCount == 0) {
            return;
        } else {
            sequence = free[--freeCount];
            if (parent.end > 0) {
                memory.copy(sequenceOf(parent), sequence, parent.end);
            }
        }
        memory.append(source, sequence, parent.end, length);
        moveLease(lease, child(parent, text, length, sequence));
    }

    private void checkpoint(Place place, int[] text, int length, int source, Lease lease) {
        boolean there = place.length == length && place.node.end == length && place.node.sequence != NONE;
        if (there) {
            moveLease(lease, place.node);
            return;
        }
        Node parent = cut(place);
        makeFree(parent);
        if (freeCount == 0) {
            return;
        }
        int sequence = free[--freeCount];
        memory.copy(source, sequence, length);
        Node node;
        if (place.length == length) {
            node = parent;
            node.sequence = sequence;
        } else {
            node = child(parent, text, length, sequence);
        }
        moveLease(lease, node);
    }

    private Node child(Node parent, int[] text, int length, int sequence) {
        Node child = new Node(parent, Arrays.copyOfRange(text, parent.end, length));
        child.sequence = sequence;
        parent.children.put(text[parent.end], child);
        tokens += child.tokens.length;
        return child;
    }

    /** Keeps what another lease keeps too. */
    void share(Lease lease, Lease with) {
        if (with.node != null) {
            moveLease(lease, with.node);
        }
    }

    /** Ends a lease; it can be used again. */
    void release(Lease lease) {
        Node node = lease.node;
        if (node != null) {
            node.locks--;
            lease.node = null;
            merge(node);
        }
    }

    /** Joins a node with its only child, if it has no other use, so that the tree has few nodes more than sequences. */
    private static void merge(Node node) {
        Node above = node.parent;
        if (above != null && node.locks == 0 && node.sequence == NONE && node.children.size() == 1) {
            Node child = node.children.values().iterator().next();
            int[] both = Arrays.copyOf(node.tokens, node.tokens.length + child.tokens.length);
            System.arraycopy(child.tokens, 0, both, node.tokens.length, child.tokens.length);
            child.tokens = both;
            child.parent = above;
            above.children.put(both[0], child);
            node.parent = null;
        }
    }

    private void moveLease(Lease lease, Node node) {
        node.locks++;
        release(lease);
        lease.node = node;
        clock++;
        for (Node up = node; up != null; up = up.parent) {
            up.used = clock;
        }
    }

    /** Entries that cannot be given up now. */
    int lockedTokens() {
        int count = 0;
        for (Node root : roots.values()) {
            count += lockedTokens(root);
        }
        return count;
    }

    private static int lockedTokens(Node node) {
        int below = 0;
        for (Node child : node.children.values()) {
            below += lockedTokens(child);
        }
        return below > 0 || node.locks > 0 ? below + node.tokens.length : 0;
    }

    private static boolean isLocked(Node node) {
        return node.locks > 0 || node.children.values().stream().anyMatch(PrefixCache::isLocked);
    }

    /**
     * Gives up the end of a path that was not used for longest.
     *
     * @return false if all is kept
     */
    boolean evict() {
        Node oldest = null;
        for (Node root : roots.values()) {
            oldest = older(oldest, oldestIn(root));
        }
        if (oldest == null) {
            return false;
        }
        int before = tokens;
        int sequence = oldest.sequence;
        memory.leaving(salt(oldest), text(oldest), oldest.tokens.length, sequence);
        oldest.sequence = NONE;
        Node rest = prune(oldest);
        if (!whole && rest.parent != null && rest.children.isEmpty()) {
            memory.truncate(sequence, rest.end);
            rest.sequence = sequence;
        } else {
            memory.truncate(sequence, 0);
            free[freeCount++] = sequence;
        }
        merge(rest);
        evicted += before - tokens;
        return true;
    }

    private String salt(Node node) {
        Node top = node;
        while (top.parent != null) {
            top = top.parent;
        }
        Node root = top;
        return roots.entrySet().stream()
                .filter(entry -> entry.getValue() == root)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    private static int[] text(Node node) {
        int[] text = new int[node.end];
        for (Node up = node; up != null; up = up.parent) {
            System.arraycopy(up.tokens, 0, text, up.begin(), up.tokens.length);
        }
        return text;
    }

    /** Removes a node without use, and where a memory cannot be cut, those above that have become useless. */
    private Node prune(Node node) {
        Node current = node;
        while (current.parent != null
                && current.children.isEmpty()
                && current.sequence == NONE
                && current.locks == 0
                && (whole || current == node)) {
            Node parent = current.parent;
            parent.children.remove(current.tokens[0]);
            tokens -= current.tokens.length;
            current.parent = null;
            current = parent;
        }
        if (current.parent == null && current.children.isEmpty() && current.locks == 0) {
            Node empty = current;
            roots.values().removeIf(root -> root == empty);
        }
        return current;
    }

    private static @Nullable Node older(@Nullable Node a, @Nullable Node b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return b.used < a.used ? b : a;
    }

    private static @Nullable Node oldestIn(Node node) {
        Node oldest = node.sequence != NONE && node.locks == 0 ? node : null;
        for (Node child : node.children.values()) {
            oldest = older(oldest, oldestIn(child));
        }
        return oldest;
    }

    /** Sees to it that there is a free sequence, if that can be had; {@code keep} stays, and may inherit one. */
    private void makeFree(Node keep) {
        keep.locks++;
        try {
            boolean goesOn = true;
            while (goesOn && freeCount == 0 && (whole || keep.sequence == NONE)) {
                goesOn = evict();
            }
        } finally {
            keep.locks--;
        }
    }

    /** A sequence that holds all tokens to the end of a node. */
    private int sequenceOf(Node node) {
        Node current = node;
        while (current.sequence == NONE) {
            current = current.children.values().iterator().next();
        }
        return current.sequence;
    }

    /** Makes a place the end of a node. */
    private Node cut(Place place) {
        Node tail = place.node;
        if (place.length == tail.end) {
            return tail;
        }
        Node above = tail.parent;
        if (above == null) {
            throw new AssertionError("a root has no tokens");
        }
        int headLength = place.length - tail.begin();
        Node head = new Node(above, Arrays.copyOf(tail.tokens, headLength));
        head.used = tail.used;
        above.children.put(head.tokens[0], head);
        tail.tokens = Arrays.copyOfRange(tail.tokens, headLength, tail.tokens.length);
        tail.parent = head;
        head.children.put(tail.tokens[0], tail);
        return head;
    }

    /** The longest beginning of a text that is in the tree. */
    private Place find(String salt, int[] text, int limit) {
        Node root = roots.get(salt);
        return find(root == null ? root() : root, text, limit);
    }

    private static Node root() {
        return new Node(null, new int[0]);
    }

    private static Place find(Node root, int[] text, int limit) {
        Node node = root;
        while (node.end < limit) {
            Node next = node.children.get(text[node.end]);
            if (next == null) {
                break;
            }
            int most = Math.min(next.tokens.length, limit - node.end);
            int mismatch = Arrays.mismatch(next.tokens, 0, most, text, node.end, node.end + most);
            int common = mismatch < 0 ? most : mismatch;
            if (common < next.tokens.length) {
                return new Place(next, node.end + common);
            }
            node = next;
        }
        return new Place(node, node.end);
    }

    /** The longest beginning of a text that a sequence can get. */
    private Place usable(String salt, int[] text, int limit) {
        Place place = find(salt, text, limit);
        if (!whole) {
            return place;
        }
        Node node = place.node;
        if (place.length < node.end && node.parent != null) {
            node = node.parent;
        }
        while (node.parent != null && node.sequence == NONE) {
            node = node.parent;
        }
        return new Place(node, node.end);
    }
}
