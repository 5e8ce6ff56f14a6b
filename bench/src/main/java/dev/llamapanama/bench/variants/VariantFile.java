package dev.llamapanama.bench.variants;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The variants in a YAML file: the first in full, each other one as what it changes in the first. */
record VariantFile(@Nullable List<Variant> variants) {
    private static final YAMLMapper YAML = new YAMLMapper();

    /**
     * Reads a file.
     *
     * @param only names of the variants that are wanted; empty for all. The first one is always there
     * @return each variant in full
     * @throws IllegalArgumentException if it is no such file, or lacks one of {@code only}
     * @throws IOException if it cannot be read
     */
    static List<Variant> read(Path file, List<String> only) throws IOException {
        String text = Files.readString(file);
        List<Variant> listed;
        try {
            listed = YAML.readValue(text, VariantFile.class).variants();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + ": "
                    + String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("no YAML")
                    + (e.getLocation() == null
                            ? ""
                            : ", line " + e.getLocation().getLineNr()));
        }
        if (listed == null || listed.isEmpty()) {
            throw new IllegalArgumentException(file + " names no variants");
        }
        Set<String> names = new HashSet<>();
        for (Variant variant : listed) {
            if (variant == null || variant.name() == null || variant.name().isBlank()) {
                throw new IllegalArgumentException(file + " holds a variant without a name");
            }
            if (!names.add(variant.name())) {
                throw new IllegalArgumentException(file + " names the variant '" + variant.name() + "' twice");
            }
        }
        for (String name : only) {
            if (!names.contains(name)) {
                throw new IllegalArgumentException(file + " names no variant '" + name + "'");
            }
        }
        Variant first = listed.getFirst();
        List<Variant> variants = new ArrayList<>(List.of(first));
        listed.stream()
                .skip(1)
                .filter(variant -> only.isEmpty() || only.contains(variant.name()))
                .forEach(variant -> variants.add(variant.relativeTo(first)));
        return variants;
    }
}
