package dev.llamapanama.engine;

import dev.llamapanama.engine.HeaderFields.Field;
import dev.llamapanama.engine.HeaderFields.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * One damaged version of a file, the same for the same number.
 *
 * @param bytes the damaged file
 * @param what the damage in words
 */
record Mutation(byte[] bytes, String what) {
    private static final long[] INTERESTING = {
        0,
        1,
        2,
        3,
        5,
        7,
        31,
        33,
        255,
        256,
        65535,
        1 << 20,
        Integer.MAX_VALUE,
        1L << 31,
        0xFFFF_FFFFL,
        1L << 32,
        1L << 40,
        1L << 62,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1
    };

    private static final int GGML_TYPE_I32 = 26;

    static Mutation of(byte[] original, List<Field> fields, int headerEnd, int number) {
        // scrambled, because the first values of Random are alike for neighbouring seeds
        return new Maker(original, fields, headerEnd, new Random(number * 0x9E37_79B9_7F4A_7C15L)).make();
    }

    private static final class Maker {
        private final byte[] bytes;
        private final ByteBuffer buffer;
        private final List<Field> fields;
        private final int headerEnd;
        private final Random random;

        Maker(byte[] original, List<Field> fields, int headerEnd, Random random) {
            this.bytes = original.clone();
            this.buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            this.fields = fields;
            this.headerEnd = headerEnd;
            this.random = random;
        }

        Mutation make() {
            return switch (random.nextInt(16)) {
                case 0, 1 -> flipBits();
                case 2 -> setBytes(0, headerEnd);
                case 3 -> truncate();
                case 4 -> swap();
                case 5 -> set(Kind.SIZE);
                case 6 -> set(random.nextInt(4) == 0 ? Kind.DIMENSIONS : Kind.TENSOR);
                case 7, 8 -> set(Kind.TYPE);
                case 9 -> setBytes(headerEnd, bytes.length);
                // most others break the file's structure; these give a well-formed file that makes no sense
                default -> set(Kind.VALUE);
            };
        }

        private Mutation flipBits() {
            StringBuilder what = new StringBuilder("bits flipped:");
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                int at = random.nextInt(headerEnd);
                int bit = random.nextInt(8);
                bytes[at] ^= (byte) (1 << bit);
                what.append(" %d of byte %d".formatted(bit, at));
            }
            return new Mutation(bytes, what.toString());
        }

        private Mutation setBytes(int from, int to) {
            int length = Math.min(1 + random.nextInt(8), to - from);
            int at = from + random.nextInt(to - from - length + 1);
            int value = new int[] {0, 0xFF, 0x7F, random.nextInt(256)}[random.nextInt(4)];
            Arrays.fill(bytes, at, at + length, (byte) value);
            return new Mutation(bytes, "bytes %d to %d set to %d".formatted(at, at + length - 1, value));
        }

        private Mutation truncate() {
            int length = random.nextInt(random.nextBoolean() ? headerEnd : bytes.length);
            return new Mutation(Arrays.copyOf(bytes, length), "cut off at " + length);
        }

        private Mutation swap() {
            List<Field> sizes = fields.stream()
                    .filter(field -> field.kind() == Kind.SIZE || field.kind() == Kind.TENSOR)
                    .toList();
            int index = random.nextInt(sizes.size() - 1);
            // neighbours often enough, as the two dimensions of a matrix
            int other = random.nextBoolean() ? index + 1 : random.nextInt(sizes.size());
            Field a = sizes.get(index);
            Field b = sizes.get(other);
            long value = buffer.getLong(a.offset());
            buffer.putLong(a.offset(), buffer.getLong(b.offset()));
            buffer.putLong(b.offset(), value);
            return new Mutation(bytes, a.name() + " swapped with " + b.name());
        }

        private Mutation set(Kind kind) {
            List<Field> some =
                    fields.stream().filter(field -> field.kind() == kind).toList();
            Field field = some.get(random.nextInt(some.size()));
            int at = field.offset();
            long old = switch (field.bytes()) {
                case 1 -> bytes[at];
                case 2 -> buffer.getShort(at);
                case 4 -> buffer.getInt(at);
                default -> buffer.getLong(at);
            };
            long value = switch (random.nextInt(6)) {
                case 0 -> old + 1;
                case 1 -> old - 1;
                case 2 -> old * 2;
                case 3 -> old / 2;
                default -> INTERESTING[random.nextInt(INTERESTING.length)];
            };
            if (kind == Kind.TYPE) {
                // I32 is as large as F32, so that the tensors behind stay where they are
                value = old == 0 && random.nextBoolean() ? GGML_TYPE_I32 : random.nextInt(45);
            }
            switch (field.bytes()) {
                case 1 -> bytes[at] = (byte) value;
                case 2 -> buffer.putShort(at, (short) value);
                case 4 -> buffer.putInt(at, (int) value);
                default -> buffer.putLong(at, value);
            }
            return new Mutation(bytes, "%s: %d became %d".formatted(field.name(), old, value));
        }
    }
}
