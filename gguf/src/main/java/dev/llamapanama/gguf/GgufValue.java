package dev.llamapanama.gguf;

/** A metadata value. Immutable, hence safe for use by many threads. */
public sealed interface GgufValue permits GgufValue.Whole, GgufValue.Real, GgufValue.Bool, GgufValue.Text, GgufArray {
    /** The type that the file gives to this value. */
    GgufValueType type();

    /**
     * A whole number.
     *
     * @param type one of the integer types
     * @param value the number; a {@code UINT64} above {@link Long#MAX_VALUE} shows as negative
     */
    record Whole(GgufValueType type, long value) implements GgufValue {
        /** Checks that the type is an integer type. */
        public Whole {
            if (!type.isInteger()) {
                throw new IllegalArgumentException(type + " is no integer type");
            }
        }
    }

    /**
     * A floating point number.
     *
     * @param type {@code FLOAT32} or {@code FLOAT64}
     * @param value the number; NaN and infinities are possible
     */
    record Real(GgufValueType type, double value) implements GgufValue {
        /** Checks that the type is a floating point type. */
        public Real {
            if (type != GgufValueType.FLOAT32 && type != GgufValueType.FLOAT64) {
                throw new IllegalArgumentException(type + " is no floating point type");
            }
        }
    }

    /**
     * True or false.
     *
     * @param value the value; the file holds a byte, and any but 0 is true
     */
    record Bool(boolean value) implements GgufValue {
        @Override
        public GgufValueType type() {
            return GgufValueType.BOOL;
        }
    }

    /**
     * Text.
     *
     * @param value the text, read as UTF-8; bytes that are no UTF-8 read as U+FFFD
     */
    record Text(String value) implements GgufValue {
        @Override
        public GgufValueType type() {
            return GgufValueType.STRING;
        }
    }
}
