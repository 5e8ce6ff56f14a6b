package dev.llamapanama.bench.html;

import dev.llamapanama.bench.report.ResultFile;
import dev.llamapanama.bench.report.ResultRow;
import java.util.List;

/**
 * A row and the file that it is from.
 *
 * @param source name of the file
 */
record Sourced<R extends ResultRow>(String source, R row) {
    /** The rows of one kind. */
    static <R extends ResultRow> List<Sourced<R>> rows(List<ResultFile> files, Class<R> kind) {
        return files.stream()
                .flatMap(file -> file.rows().stream()
                        .filter(kind::isInstance)
                        .map(row -> new Sourced<>(file.name(), kind.cast(row))))
                .toList();
    }
}
