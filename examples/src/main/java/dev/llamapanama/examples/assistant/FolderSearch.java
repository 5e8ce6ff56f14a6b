package dev.llamapanama.examples.assistant;

import dev.llamapanama.chat.tool.ToolFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Finds lines of text files in a folder, and in nothing outside of it. */
final class FolderSearch {
    private static final int MAX_HITS = 20;
    private static final int MAX_LINE = 200;
    private static final long MAX_FILE_SIZE = 1_000_000;

    private final Path root;

    FolderSearch(Path root) throws IOException {
        this.root = root.toRealPath();
    }

    /** Where a text was found. */
    record Hit(String file, int line, String text) {}

    /**
     * Lines that contain a text, in any case of letters.
     *
     * @param folder below the root; empty for all of it
     * @throws ToolFailure if the folder is not there, or not below the root
     */
    List<Hit> find(String text, String folder) throws IOException {
        Path start = below(folder);
        List<Path> files;
        try (Stream<Path> walk = Files.walk(start)) { // does not follow links
            files = walk.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        }
        List<Hit> hits = new ArrayList<>();
        for (Path file : files) {
            if (Files.size(file) <= MAX_FILE_SIZE && hits.size() < MAX_HITS) {
                search(file, text.toLowerCase(Locale.ROOT), hits);
            }
        }
        return hits;
    }

    private Path below(String folder) throws IOException {
        Path real;
        try {
            real = root.resolve(folder).toRealPath();
        } catch (InvalidPathException | IOException thrown) {
            throw new ToolFailure("there is no such folder; leave it empty to search everywhere");
        }
        if (!real.startsWith(root)) { // after links and .. are resolved
            throw new ToolFailure("the folder is outside of what may be searched; leave it empty to search everywhere");
        }
        return real;
    }

    private void search(Path file, String text, List<Hit> hits) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            int number = 0;
            for (String line = reader.readLine(); line != null && hits.size() < MAX_HITS; line = reader.readLine()) {
                number++;
                if (line.toLowerCase(Locale.ROOT).contains(text)) {
                    String shown = line.length() > MAX_LINE ? line.substring(0, MAX_LINE) + "…" : line;
                    hits.add(new Hit(root.relativize(file).toString(), number, shown.strip()));
                }
            }
        } catch (CharacterCodingException thrown) {
            // no text file
        }
    }
}
