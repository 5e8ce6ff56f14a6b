package dev.llamapanama.gguf;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Opens a model that may be split into several files, as {@code llama-gguf-split} makes them:
 * {@code NAME-00001-of-00003.gguf} and so on. The first file holds all metadata. Stateless.
 */
public final class GgufParts {
    private static final Pattern NAME = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.gguf");

    private GgufParts() {}

    /**
     * Opens all files of a model.
     *
     * @param path the file, or the first one of a split model
     * @return the files in order; one if the model is not split
     * @throws GgufFormatException if one is damaged, {@code path} is not the first, or the parts do not fit together
     * @throws NoSuchFileException if one is not there
     * @throws IOException if one cannot be read
     */
    public static List<GgufFile> open(Path path) throws IOException {
        GgufFile first = GgufFile.open(path);
        int count = number(first, "split.count", GgufValueType.UINT16, 0);
        if (count <= 1) {
            return List.of(first);
        }
        if (number(first, "split.no", GgufValueType.UINT16, -1) != 0) {
            throw new GgufFormatException(
                    path,
                    -1,
                    "this is not the first of " + count + " files of a model",
                    "Open the file whose name contains -00001-of-");
        }
        Matcher name = NAME.matcher(path.getFileName().toString());
        if (!name.matches() || Integer.parseInt(name.group(2)) != 1 || Integer.parseInt(name.group(3)) != count) {
            throw new GgufFormatException(
                    path,
                    -1,
                    "the model has " + count + " files, but this one's name does not say so",
                    String.format(
                            Locale.ROOT,
                            "Rename it to end in -00001-of-%05d.gguf, as llama-gguf-split names files",
                            count));
        }
        List<GgufFile> parts = new ArrayList<>(List.of(first));
        long tensors = first.tensors().size();
        for (int i = 1; i < count; i++) {
            String partName = String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", name.group(1), i + 1, count);
            GgufFile part = GgufFile.open(path.resolveSibling(partName));
            if (number(part, "split.no", GgufValueType.UINT16, -1) != i) {
                throw new GgufFormatException(
                        part.path(),
                        -1,
                        "its split.no is not " + i,
                        "The file has another part's name, or belongs to another model: download it again");
            }
            tensors += part.tensors().size();
            parts.add(part);
        }
        int expected = number(first, "split.tensors.count", GgufValueType.INT32, -1);
        if (expected != tensors) {
            throw new GgufFormatException(
                    path,
                    -1,
                    "split.tensors.count is " + expected + ", but the files have " + tensors + " tensors",
                    "The files belong to different models: download all of them again");
        }
        return List.copyOf(parts);
    }

    /** A number of exactly this type, as llama.cpp's getters assert it. */
    private static int number(GgufFile file, String key, GgufValueType type, int absent) {
        GgufValue value = file.metadata().get(key);
        if (value == null) {
            return absent;
        }
        if (value instanceof GgufValue.Whole whole && whole.type() == type) {
            return (int) whole.value();
        }
        throw new GgufFormatException(
                file.path(),
                -1,
                "key " + key + " is " + value.type() + ", not " + type,
                "Split the model again with llama-gguf-split");
    }
}
