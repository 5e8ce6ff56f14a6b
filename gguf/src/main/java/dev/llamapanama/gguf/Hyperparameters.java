package dev.llamapanama.gguf;

import java.util.Arrays;
import java.util.Optional;

/**
 * Reads a model's keys with the types that llama.cpp's {@code get_key} and {@code get_key_or_arr} demand; other types
 * become problems.
 */
final class Hyperparameters {
    private static final String WRONG_TYPE = "get_key in llama-model-loader.cpp throws";

    private final GgufFile file;
    private final Problems problems;
    private final String prefix;

    Hyperparameters(GgufFile file, Problems problems) {
        this.file = file;
        this.problems = problems;
        this.prefix = file.architecture().orElseThrow() + ".";
    }

    /** The full name of one of the architecture's keys. */
    String key(String name) {
        return prefix + name;
    }

    boolean has(String name) {
        return file.metadata().containsKey(key(name));
    }

    /** The value of a {@code uint32_t} key; {@code absent} if it is not there or of another type. */
    long size(String name, long absent) {
        GgufValue value = file.metadata().get(key(name));
        if (value == null) {
            return absent;
        }
        if (value instanceof GgufValue.Whole whole && whole.type() == GgufValueType.UINT32) {
            return whole.value();
        }
        wrongType(key(name), value, "UINT32");
        return absent;
    }

    /** As {@link #size}, and the key must be there and from {@code min} to {@code max}; -1 if it is not. */
    long requiredSize(String name, long min, long max, String reason) {
        if (!has(name)) {
            problems.add(key(name), "is missing", "get_key in llama-model-loader.cpp throws: key not found");
            return -1;
        }
        long size = size(name, -1);
        if (size >= 0 && size < min || size > max) {
            problems.add(key(name), "is " + size + ", not in " + min + " to " + max, reason);
            return -1;
        }
        return size;
    }

    /** One value per layer, from a {@code uint32_t} or an array of as many elements as there are layers; 0 if absent. */
    long[] perLayer(String name, int layers, long absent) {
        long[] values = new long[layers];
        Arrays.fill(values, absent);
        GgufValue value = file.metadata().get(key(name));
        if (value instanceof GgufArray array) {
            boolean readable = switch (array.elementType()) {
                case UINT32, INT32, BOOL -> true;
                default -> false;
            };
            if (!readable || array.length() != layers) {
                problems.add(
                        key(name),
                        "is " + array + ", not one UINT32 or INT32 for each of " + layers + " layers",
                        "get_key_or_arr in llama-model-loader.cpp throws");
                return values;
            }
            // llama.cpp copies the bits of signed elements into unsigned ones.
            return Arrays.stream(array.integers())
                    .map(element -> element & 0xFFFF_FFFFL)
                    .toArray();
        }
        Arrays.fill(values, size(name, absent));
        return values;
    }

    Optional<Double> real(String name) {
        GgufValue value = file.metadata().get(key(name));
        if (value instanceof GgufValue.Real real && real.type() == GgufValueType.FLOAT32) {
            return Optional.of(real.value());
        }
        if (value != null) {
            wrongType(key(name), value, "FLOAT32");
        }
        return Optional.empty();
    }

    Optional<Boolean> bool(String name) {
        GgufValue value = file.metadata().get(key(name));
        if (value instanceof GgufValue.Bool bool) {
            return Optional.of(bool.value());
        }
        if (value != null) {
            wrongType(key(name), value, "BOOL");
        }
        return Optional.empty();
    }

    Optional<String> text(String name) {
        GgufValue value = file.metadata().get(key(name));
        if (value instanceof GgufValue.Text text) {
            return Optional.of(text.value());
        }
        if (value != null) {
            wrongType(key(name), value, "STRING");
        }
        return Optional.empty();
    }

    private void wrongType(String key, GgufValue value, String wanted) {
        problems.add(key, "is " + value.type() + ", not " + wanted, WRONG_TYPE);
    }
}
