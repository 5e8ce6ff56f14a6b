package dev.llamapanama.bench.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.Report;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The history: a folder with a file for each machine, so that machines do not get in each other's way in git.
 *
 * @param entries from old to new
 * @param notes which lines could not be read, for people
 */
public record History(List<HistoryEntry> entries, List<String> notes) {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * Reads all files of a folder that end in {@code .jsonl}; no folder is an empty history.
     *
     * @throws IOException if a file cannot be read; a line that is no entry only gives a note
     */
    public static History read(Path folder) throws IOException {
        List<HistoryEntry> entries = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (var files = Files.list(folder)) {
                for (Path file : files.filter(path -> path.toString().endsWith(".jsonl"))
                        .sorted()
                        .toList()) {
                    read(file, entries, notes);
                }
            }
        }
        entries.sort(Comparator.comparing(HistoryEntry::date));
        return new History(List.copyOf(entries), List.copyOf(notes));
    }

    private static void read(Path file, List<HistoryEntry> entries, List<String> notes) throws IOException {
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            String place = file.getFileName() + ", line " + number;
            try {
                HistoryEntry entry = JSON.readValue(line, HistoryEntry.class);
                if (entry.format() > HistoryEntry.FORMAT) {
                    notes.add(
                            place + " has format " + entry.format() + ", which a newer version wrote; it is left out.");
                } else {
                    entries.add(entry);
                }
            } catch (JsonProcessingException e) {
                notes.add(place + " is no line of the history; it is left out.");
            }
        }
    }

    /**
     * Adds a line to the machine's file: the whole line, or nothing.
     *
     * @return the file
     * @throws IOException if it cannot be written
     */
    static Path append(Path folder, HistoryEntry entry) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve(fileName(entry.machine()));
        ByteBuffer line = ByteBuffer.wrap(Report.jsonl(List.of(entry)).getBytes(StandardCharsets.UTF_8));
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var _ = channel.lock(); // until the channel closes
            long end = channel.size();
            try {
                channel.position(end);
                if (end > 0 && !endsWithNewline(channel, end)) {
                    channel.write(ByteBuffer.wrap(new byte[] {'\n'}));
                }
                while (line.hasRemaining()) {
                    channel.write(line);
                }
                channel.force(true);
            } catch (IOException e) {
                channel.truncate(end); // a full disk must not leave half a line
                throw e;
            }
        }
        return file;
    }

    private static boolean endsWithNewline(FileChannel channel, long end) throws IOException {
        ByteBuffer last = ByteBuffer.allocate(1);
        channel.read(last, end - 1);
        return last.get(0) == '\n';
    }

    /** A name such as {@code amd-epyc-9454p-48-cores.jsonl}. */
    private static String fileName(Machine machine) {
        String cpu = machine.cpu()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-|-$", "");
        return cpu + "-" + machine.physicalCores() + "-cores.jsonl";
    }
}
