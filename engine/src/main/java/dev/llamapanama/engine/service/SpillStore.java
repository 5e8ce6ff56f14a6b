package dev.llamapanama.engine.service;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * States of sequences that the prefix cache gave up, in the heap and then in files, the least recently used going first.
 *
 * <p>A state knows which model and options it is of, and has a checksum ({@link dev.llamapanama.engine.Sequence#saveState}); a
 * file adds the tokens. Files of an earlier process are used again. What cannot be read is a miss, with a warning. Shared by the
 * threads that decode; they write files themselves, so that saving a large state makes a step longer.
 */
final class SpillStore {
    private static final System.Logger LOGGER = System.getLogger(InferenceService.class.getName());
    private static final String SUFFIX = ".prefix";

    /** A text whose state is kept, in the heap or in a file. */
    private static final class Entry {
        final String salt;
        final int[] tokens;
        byte @Nullable [] state;

        @Nullable
        Path file;

        long bytes;

        Entry(String salt, int[] tokens) {
            this.salt = salt;
            this.tokens = tokens;
        }
    }

    /**
     * A state that may be of use.
     *
     * @param common how many of the wanted tokens it begins with
     * @param length its tokens
     */
    record Found(String name, int common, int length) {}

    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true); // least recently used first
    private final long heapCapacity;
    private final @Nullable Path folder;
    private final long fileCapacity;
    private long heapBytes;
    private long fileBytes;

    /**
     * Makes one, with what the folder has.
     *
     * @param folder made if it is not there; null for none
     */
    SpillStore(long heapCapacity, @Nullable Path folder, long fileCapacity) {
        this.heapCapacity = heapCapacity;
        this.folder = folder;
        this.fileCapacity = fileCapacity;
        if (folder != null) {
            try {
                Files.createDirectories(folder);
                readFolder(folder);
            } catch (IOException e) {
                warn("the folder for prefixes, " + folder + ", cannot be used", e);
            }
        }
    }

    synchronized boolean isEmpty() {
        return entries.isEmpty();
    }

    boolean isOff() {
        return heapCapacity == 0 && (folder == null || fileCapacity == 0);
    }

    long heapCapacity() {
        return heapCapacity;
    }

    /** Whether there is a place for so many bytes, be it at the cost of others. */
    boolean takes(long bytes) {
        return bytes <= heapCapacity || folder != null && bytes <= fileCapacity;
    }

    /**
     * Keeps a state that {@link #takes} its bytes.
     *
     * @param whole whether it cannot be cut; else it takes the place of those with a beginning of its text
     */
    synchronized void put(String salt, int[] tokens, byte[] state, boolean whole) {
        String name = name(salt, tokens);
        remove(name);
        Entry entry = new Entry(salt, tokens);
        entry.state = state;
        entry.bytes = state.length;
        heapBytes += state.length;
        entries.put(name, entry);
        if (state.length > heapCapacity) {
            moveToFile(name, entry);
        }
        if (!whole && entries.containsKey(name)) {
            removeBeginnings(entry);
        }
        shrink();
    }

    private void removeBeginnings(Entry of) {
        for (Map.Entry<String, Entry> named : List.copyOf(entries.entrySet())) {
            Entry entry = named.getValue();
            if (entry != of && entry.salt.equals(of.salt) && isBeginning(entry.tokens, of.tokens)) {
                remove(named.getKey());
            }
        }
    }

    private static boolean isBeginning(int[] tokens, int[] text) {
        return tokens.length <= text.length && Tokens.common(tokens, text, tokens.length) == tokens.length;
    }

    /**
     * The state that has most of a text, and of these the shortest.
     *
     * @param whole whether only those are of use that have no other tokens
     */
    synchronized Optional<Found> find(String salt, int[] text, int limit, boolean whole) {
        Found best = null;
        for (Map.Entry<String, Entry> named : entries.entrySet()) {
            Entry entry = named.getValue();
            if (entry.salt.equals(salt)) {
                int length = entry.tokens.length;
                int common = Tokens.common(entry.tokens, text, limit);
                boolean better = best == null
                        ? common > 0
                        : common > best.common || common == best.common && length < best.length;
                if (better && (!whole || common == length)) {
                    best = new Found(named.getKey(), common, length);
                }
            }
        }
        return Optional.ofNullable(best);
    }

    /** The state itself, which stays in the store; empty if it is gone or cannot be read, and is forgotten then. */
    synchronized Optional<byte[]> read(Found found) {
        Entry entry = entries.get(found.name); // it is used
        if (entry == null) {
            return Optional.empty();
        }
        byte[] state = entry.state;
        Path file = entry.file;
        if (state == null && file != null) {
            try {
                state = SpillFile.readState(file, entry.salt, entry.tokens);
            } catch (IOException e) {
                warn(file + " cannot be read and is ignored", e);
            }
        }
        if (state == null) {
            remove(found.name);
        }
        return Optional.ofNullable(state);
    }

    /** Forgets a state that is of no use. */
    synchronized void forget(Found found) {
        remove(found.name);
    }

    /** Moves all to files, for the next process. */
    synchronized void flush() {
        if (folder != null) {
            for (Map.Entry<String, Entry> named : List.copyOf(entries.entrySet())) {
                if (named.getValue().state != null) {
                    moveToFile(named.getKey(), named.getValue());
                }
            }
            shrink();
        }
    }

    /** Moves what is too much to files, and forgets what is too much there. */
    private void shrink() {
        for (Map.Entry<String, Entry> named : List.copyOf(entries.entrySet())) {
            Entry entry = named.getValue();
            if (heapBytes > heapCapacity && entry.state != null) {
                moveToFile(named.getKey(), entry);
            }
        }
        for (Map.Entry<String, Entry> named : List.copyOf(entries.entrySet())) {
            if (fileBytes > fileCapacity && named.getValue().file != null) {
                remove(named.getKey());
            }
        }
    }

    private void moveToFile(String name, Entry entry) {
        byte[] state = entry.state;
        if (folder == null || state == null || state.length > fileCapacity) {
            remove(name);
            return;
        }
        Path file = folder.resolve(name + SUFFIX);
        try {
            entry.bytes = SpillFile.write(file, entry.salt, entry.tokens, state);
            heapBytes -= state.length;
            entry.state = null;
            entry.file = file;
            fileBytes += entry.bytes;
        } catch (IOException e) {
            warn(file + " cannot be written", e);
            remove(name);
        }
    }

    private void remove(String name) {
        Entry entry = entries.remove(name);
        if (entry == null) {
            return;
        }
        if (entry.state != null) {
            heapBytes -= entry.state.length;
        }
        Path file = entry.file;
        if (file != null) {
            fileBytes -= entry.bytes;
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                warn(file + " cannot be deleted", e);
            }
        }
    }

    private static String name(String salt, int[] tokens) {
        CRC32C first = new CRC32C();
        ByteBuffer bytes = ByteBuffer.allocate(4 * tokens.length);
        bytes.asIntBuffer().put(tokens);
        first.update(bytes);
        first.update(salt.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits(first.getValue() << 32 | Arrays.hashCode(tokens) & 0xFFFF_FFFFL);
    }

    private void readFolder(Path from) throws IOException {
        List<Path> files;
        try (Stream<Path> list = Files.list(from)) {
            files = list.filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            try {
                SpillFile.Prefix prefix = SpillFile.readPrefix(file);
                Entry entry = new Entry(prefix.salt(), prefix.tokens());
                entry.file = file;
                entry.bytes = Files.size(file);
                fileBytes += entry.bytes;
                entries.put(name(entry.salt, entry.tokens), entry);
            } catch (IOException e) {
                warn(file + " is no file of a prefix and is left alone", e);
            }
        }
        shrink();
    }

    private static void warn(String what, IOException cause) {
        LOGGER.log(System.Logger.Level.WARNING, what + ": " + cause);
    }
}
