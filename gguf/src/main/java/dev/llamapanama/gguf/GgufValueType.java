package dev.llamapanama.gguf;

import java.util.Optional;

/** The types of metadata values, {@code enum gguf_type}; the ordinal is the number in files. */
public enum GgufValueType {
    UINT8(1),
    INT8(1),
    UINT16(2),
    INT16(2),
    UINT32(4),
    INT32(4),
    FLOAT32(4),
    BOOL(1),
    STRING(0),
    ARRAY(0),
    UINT64(8),
    INT64(8),
    FLOAT64(8);

    private static final GgufValueType[] BY_ID = values();

    private final int bytes;

    GgufValueType(int bytes) {
        this.bytes = bytes;
    }

    /** The number of this type in files. */
    public int id() {
        return ordinal();
    }

    /** Bytes of one value; 0 for {@link #STRING} and {@link #ARRAY}, whose length varies. */
    public int bytes() {
        return bytes;
    }

    /** Whether values are whole numbers ({@link #BOOL} is none). */
    public boolean isInteger() {
        return switch (this) {
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> true;
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> false;
        };
    }

    /** The type with the given id, if there is one. */
    public static Optional<GgufValueType> byId(int id) {
        return id < 0 || id >= BY_ID.length ? Optional.empty() : Optional.of(BY_ID[id]);
    }
}
