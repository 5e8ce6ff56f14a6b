package dev.llamapanama.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Finds the numbers in the header of a well-formed GGUF file, for tests that change them. */
final class HeaderFields {
    private static final int STRING = 8;
    private static final int ARRAY = 9;
    private static final int[] VALUE_BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    private final ByteBuffer in;
    private final List<Field> fields = new ArrayList<>();

    private HeaderFields(byte[] file) {
        this.in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    }

    enum Kind {
        /** How many of something follow, or how long it is; 8 bytes. */
        SIZE,
        /** Number of a type; 4 bytes. */
        TYPE,
        /** A value of the metadata that is no text; 1 to 8 bytes. */
        VALUE,
        /** How many dimensions a tensor has; 4 bytes. */
        DIMENSIONS,
        /** One dimension of a tensor, or where its data is; 8 bytes. */
        TENSOR
    }

    record Field(int offset, int bytes, Kind kind, String name) {}

    /** All numbers but those within arrays; in the order of the file. */
    static List<Field> of(byte[] file) {
        HeaderFields reader = new HeaderFields(file);
        reader.read();
        return List.copyOf(reader.fields);
    }

    /** Where the header ends and the padding before the tensors' data begins. */
    static int end(byte[] file) {
        HeaderFields reader = new HeaderFields(file);
        reader.read();
        return reader.in.position();
    }

    private void read() {
        in.position(8);
        long tensors = size("tensor count");
        long keys = size("key count");
        for (long i = 0; i < keys; i++) {
            String key = text("a key's length");
            int type = number(4, Kind.TYPE, "type of " + key);
            if (type == STRING) {
                text("length of " + key);
            } else if (type == ARRAY) {
                array(key);
            } else {
                number(VALUE_BYTES[type], Kind.VALUE, key);
            }
        }
        for (long i = 0; i < tensors; i++) {
            String name = text("a tensor name's length");
            int dimensions = number(4, Kind.DIMENSIONS, "number of dimensions of " + name);
            for (int d = 0; d < dimensions; d++) {
                number(8, Kind.TENSOR, "dimension " + d + " of " + name);
            }
            number(4, Kind.TYPE, "type of " + name);
            number(8, Kind.TENSOR, "offset of " + name);
        }
    }

    private void array(String key) {
        int type = number(4, Kind.TYPE, "element type of " + key);
        long length = size("length of " + key);
        for (long i = 0; i < length; i++) {
            int bytes = type == STRING ? Math.toIntExact(in.getLong()) : VALUE_BYTES[type];
            in.position(in.position() + bytes);
        }
    }

    private String text(String what) {
        byte[] bytes = new byte[Math.toIntExact(size(what))];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private long size(String what) {
        fields.add(new Field(in.position(), 8, Kind.SIZE, what));
        return in.getLong();
    }

    private int number(int bytes, Kind kind, String name) {
        fields.add(new Field(in.position(), bytes, kind, name));
        int value = bytes == 4 ? in.getInt(in.position()) : 0;
        value = bytes == 8 ? (int) in.getLong(in.position()) : value;
        in.position(in.position() + bytes);
        return value;
    }
}
