package dev.llamapanama.gguf;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a GGUF file holds: metadata, and the names, shapes and places of its tensors.
 *
 * <p>{@link #open} reads the header only, trusts no byte of it, and refuses at least what {@code gguf_init_from_file}
 * of llama.cpp v0.5.0 refuses; besides that, it refuses a file that is too short for its tensors, and counts and lengths that no
 * model needs but that would take all memory. The file is closed again before {@code open} returns. Instances are
 * immutable and safe for use by many threads; arrays are read from the file when they are asked for ({@link GgufArray}).
 */
public final class GgufFile {
    /** The most metadata keys that are accepted; llama.cpp compares each key with each other one. */
    public static final int MAX_KEYS = 1 << 16;

    /** The most tensors that are accepted; llama.cpp compares each name with each other one. */
    public static final int MAX_TENSORS = 1 << 17;

    /** The longest key that is accepted, in bytes; a limit of the GGUF specification. */
    public static final int MAX_KEY_BYTES = (1 << 16) - 1;

    /** The longest tensor name, in bytes: {@code GGML_MAX_NAME} less the terminating zero. */
    public static final int MAX_TENSOR_NAME_BYTES = 63;

    /** The most bytes of all text values together (arrays not counted). */
    public static final int MAX_TEXT_BYTES = 64 << 20;

    private static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
    private static final int MAX_DIMENSIONS = 4;
    private static final int DEFAULT_ALIGNMENT = 32;
    private static final int MAX_ALIGNMENT = 1 << 20;
    private static final long MAX_ARRAY_LENGTH = 1L << 30;

    // The fewest bytes that a key with its value, and a tensor's description, can take.
    private static final int MIN_KEY_BYTES = 8 + 1 + 4 + 1;
    private static final int MIN_TENSOR_BYTES = 8 + 4 + 4 + 8;

    private final Path path;
    private final long fileSize;
    private final int version;
    private final int alignment;
    private final long dataOffset;
    private final Map<String, GgufValue> metadata;
    private final Map<String, GgufTensor> tensors;

    private GgufFile(
            Path path,
            long fileSize,
            int version,
            int alignment,
            long dataOffset,
            Map<String, GgufValue> metadata,
            Map<String, GgufTensor> tensors) {
        this.path = path;
        this.fileSize = fileSize;
        this.version = version;
        this.alignment = alignment;
        this.dataOffset = dataOffset;
        this.metadata = Collections.unmodifiableMap(metadata);
        this.tensors = Collections.unmodifiableMap(tensors);
    }

    /**
     * Reads the header of a file.
     *
     * @throws GgufFormatException if the file is no well formed GGUF of version 2 or 3, or is too short for its tensors
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws IOException if it cannot be read
     */
    public static GgufFile open(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long fileSize = channel.size();
            return new Parser(path, fileSize, new HeaderReader(path, channel, fileSize)).parse();
        }
    }

    /** The path that the file was opened by. */
    public Path path() {
        return path;
    }

    /** Bytes of the file. */
    public long fileSize() {
        return fileSize;
    }

    /** The GGUF version, 2 or 3. */
    public int version() {
        return version;
    }

    /** What each tensor's offset in the data section is a multiple of, in bytes: {@code general.alignment}, or 32. */
    public int alignment() {
        return alignment;
    }

    /** First byte of the tensor data. */
    public long dataOffset() {
        return dataOffset;
    }

    /** All metadata, in the order of the file. Unmodifiable. */
    public Map<String, GgufValue> metadata() {
        return metadata;
    }

    /** All tensors by name, in the order of the file. Unmodifiable. */
    public Map<String, GgufTensor> tensors() {
        return tensors;
    }

    /** The value of a key. */
    public Optional<GgufValue> value(String key) {
        return Optional.ofNullable(metadata.get(key));
    }

    /** The value of a key, if it is there and is text. */
    public Optional<String> text(String key) {
        return metadata.get(key) instanceof GgufValue.Text text ? Optional.of(text.value()) : Optional.empty();
    }

    /** The value of a key, if it is there and is a whole number. */
    public OptionalLong integer(String key) {
        return metadata.get(key) instanceof GgufValue.Whole whole
                ? OptionalLong.of(whole.value())
                : OptionalLong.empty();
    }

    /** The value of a key, if it is there and is a floating point number. */
    public OptionalDouble real(String key) {
        return metadata.get(key) instanceof GgufValue.Real real
                ? OptionalDouble.of(real.value())
                : OptionalDouble.empty();
    }

    /** The value of a key, if it is there and is a boolean. */
    public Optional<Boolean> bool(String key) {
        return metadata.get(key) instanceof GgufValue.Bool bool ? Optional.of(bool.value()) : Optional.empty();
    }

    /** The value of a key, if it is there and is an array. */
    public Optional<GgufArray> array(String key) {
        return metadata.get(key) instanceof GgufArray array ? Optional.of(array) : Optional.empty();
    }

    /** The tensor of a name. */
    public Optional<GgufTensor> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /** The value of {@code general.architecture}: which network this is, and the prefix of its keys. */
    public Optional<String> architecture() {
        return text("general.architecture");
    }

    /** The elements of all tensors together: the number that names a model's size. */
    public long parameterCount() {
        return tensors.values().stream().mapToLong(GgufTensor::elements).sum();
    }

    /**
     * The same file as a reader sees it that replaces or adds some values, as llama.cpp does with {@code kv_overrides}.
     * Tensors and arrays are where they were.
     */
    public GgufFile withMetadata(Map<String, GgufValue> replacements) {
        Map<String, GgufValue> replaced = new LinkedHashMap<>(metadata);
        replaced.putAll(replacements);
        return new GgufFile(path, fileSize, version, alignment, dataOffset, replaced, tensors);
    }

    @Override
    public String toString() {
        return path + " (" + architecture().orElse("no architecture") + ", " + tensors.size() + " tensors)";
    }

    /** One pass over the header. */
    private static final class Parser {
        private final Path path;
        private final long fileSize;
        private final HeaderReader in;
        private long textBytes;

        Parser(Path path, long fileSize, HeaderReader in) {
            this.path = path;
            this.fileSize = fileSize;
            this.in = in;
        }

        GgufFile parse() throws IOException {
            int version = readVersion();
            long tensorCount = readCount("tensor count", MIN_TENSOR_BYTES, MAX_TENSORS);
            long keyCount = readCount("key count", MIN_KEY_BYTES, MAX_KEYS);

            Map<String, GgufValue> metadata = new LinkedHashMap<>();
            for (long i = 0; i < keyCount; i++) {
                readKeyAndValue(metadata);
            }
            int alignment = alignment(metadata);

            List<TensorInfo> infos = new ArrayList<>();
            Map<String, Long> nameOffsets = new HashMap<>();
            for (long i = 0; i < tensorCount; i++) {
                TensorInfo info = readTensorInfo();
                if (nameOffsets.putIfAbsent(info.name, info.headerOffset) != null) {
                    throw in.fault(info.headerOffset, "tensor " + info.name + " is there twice");
                }
                infos.add(info);
            }
            long headerEnd = in.position();
            // A file without tensors need not be padded to where data would start.
            long dataOffset = tensorCount == 0 ? headerEnd : padded(headerEnd, alignment);
            return new GgufFile(
                    path, fileSize, version, alignment, dataOffset, metadata, place(infos, dataOffset, alignment));
        }

        private int readVersion() throws IOException {
            if (fileSize < Integer.BYTES || in.readInt("the magic") != MAGIC) {
                throw in.fault(
                        0,
                        "this is no GGUF file: it does not start with the letters GGUF",
                        "Check the path; convert other formats with llama.cpp's convert_hf_to_gguf.py");
            }
            int version = in.readInt("the version");
            if (version != 0 && (version & 0xFFFF) == 0) {
                throw in.fault(4, "the file is big-endian", "Convert it with gguf_convert_endian.py of llama.cpp");
            }
            if (version != 2 && version != 3) {
                throw in.fault(
                        4,
                        "GGUF version " + Integer.toUnsignedString(version) + " is not supported (2 and 3 are)",
                        "Convert the model again with a current llama.cpp");
            }
            return version;
        }

        private long readCount(String what, int minBytesEach, int max) throws IOException {
            long start = in.position();
            long count = in.readLong("the " + what);
            if (count < 0 || count > in.remaining() / minBytesEach) {
                throw in.fault(start, "the " + what + " is " + count + ", more than the file has room for");
            }
            if (count > max) {
                throw in.fault(
                        start,
                        "the " + what + " is " + count + "; at most " + max + " are allowed",
                        "Use another file: llama.cpp would take minutes to hours to open this one");
            }
            return count;
        }

        private void readKeyAndValue(Map<String, GgufValue> metadata) throws IOException {
            long start = in.position();
            byte[] keyBytes = in.readString(MAX_KEY_BYTES, "a key");
            String key = name(keyBytes, start, "key");
            if (key.isEmpty()) {
                throw in.fault(start, "a key is empty");
            }
            if (metadata.containsKey(key)) {
                throw in.fault(start, "key " + key + " is there twice");
            }
            metadata.put(key, readValue(key, readValueType(key)));
        }

        private GgufValueType readValueType(String key) throws IOException {
            long start = in.position();
            int id = in.readInt("the type of key " + key);
            return GgufValueType.byId(id)
                    .orElseThrow(() -> in.fault(start, "key " + key + " has the unknown value type " + id));
        }

        private GgufValue readValue(String key, GgufValueType type) throws IOException {
            String what = "the value of key " + key;
            return switch (type) {
                case UINT8 -> new GgufValue.Whole(type, Byte.toUnsignedLong(in.readByte(what)));
                case INT8 -> new GgufValue.Whole(type, in.readByte(what));
                case UINT16 -> new GgufValue.Whole(type, Short.toUnsignedLong(in.readShort(what)));
                case INT16 -> new GgufValue.Whole(type, in.readShort(what));
                case UINT32 -> new GgufValue.Whole(type, Integer.toUnsignedLong(in.readInt(what)));
                case INT32 -> new GgufValue.Whole(type, in.readInt(what));
                case UINT64, INT64 -> new GgufValue.Whole(type, in.readLong(what));
                case FLOAT32 -> new GgufValue.Real(type, Float.intBitsToFloat(in.readInt(what)));
                case FLOAT64 -> new GgufValue.Real(type, Double.longBitsToDouble(in.readLong(what)));
                case BOOL -> new GgufValue.Bool(in.readByte(what) != 0);
                case STRING -> new GgufValue.Text(readText(what));
                case ARRAY -> readArray(key, what);
            };
        }

        private String readText(String what) throws IOException {
            byte[] bytes = in.readString((int) (MAX_TEXT_BYTES - textBytes), what);
            textBytes += bytes.length;
            return HeaderReader.utf8(bytes);
        }

        private GgufArray readArray(String key, String what) throws IOException {
            long start = in.position();
            GgufValueType elementType = readValueType(key);
            long length = in.readLong(what);
            if (elementType == GgufValueType.ARRAY) {
                throw in.fault(
                        start,
                        "key " + key + " is an array of arrays, which llama.cpp cannot read",
                        "Remove the key with gguf_new_metadata.py of llama.cpp");
            }
            boolean strings = elementType == GgufValueType.STRING;
            int minElementBytes = strings ? Long.BYTES : elementType.bytes();
            if (length < 0 || length > in.remaining() / minElementBytes || length > MAX_ARRAY_LENGTH) {
                throw in.fault(
                        start,
                        "key " + key + " is an array of " + Long.toUnsignedString(length)
                                + " elements, more than the file has room for or llama.cpp reads");
            }
            long offset = in.position();
            if (strings) {
                for (long i = 0; i < length; i++) {
                    in.skip(in.readLong(what), what);
                }
            } else {
                in.skip(length * elementType.bytes(), what);
            }
            return new GgufArray(path, key, elementType, length, offset, in.position() - offset);
        }

        private int alignment(Map<String, GgufValue> metadata) {
            GgufValue value = metadata.get("general.alignment");
            if (value == null) {
                return DEFAULT_ALIGNMENT;
            }
            if (!(value instanceof GgufValue.Whole whole) || whole.type() != GgufValueType.UINT32) {
                throw in.fault(-1, "general.alignment is " + value.type() + ", not UINT32");
            }
            if (whole.value() > MAX_ALIGNMENT || Long.bitCount(whole.value()) != 1) {
                throw in.fault(
                        -1, "general.alignment is " + whole.value() + ", not a power of two up to " + MAX_ALIGNMENT);
            }
            return (int) whole.value();
        }

        private TensorInfo readTensorInfo() throws IOException {
            long start = in.position();
            String name = name(in.readString(MAX_TENSOR_NAME_BYTES, "a tensor name"), start, "tensor name");
            String what = "the description of tensor " + name;
            long dimensionsOffset = in.position();
            int dimensions = in.readInt(what);
            if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
                throw in.fault(
                        dimensionsOffset,
                        "tensor " + name + " has " + Integer.toUnsignedString(dimensions) + " dimensions; 0 to "
                                + MAX_DIMENSIONS + " are allowed");
            }
            List<Long> shape = new ArrayList<>(dimensions);
            long elements = 1;
            for (int i = 0; i < dimensions; i++) {
                long size = in.readLong(what);
                if (size <= 0) {
                    throw in.fault(dimensionsOffset, "tensor " + name + " has " + size + " elements in dimension " + i);
                }
                if (elements > (Long.MAX_VALUE - 1) / size) {
                    throw in.fault(
                            dimensionsOffset, "tensor " + name + " has more elements than a 64-bit number can count");
                }
                elements *= size;
                shape.add(size);
            }
            long typeOffset = in.position();
            int typeId = in.readInt(what);
            GgmlType type = GgmlType.byId(typeId)
                    .orElseThrow(() -> in.fault(
                            typeOffset,
                            "tensor " + name + " has the type " + typeId
                                    + ", which llama.cpp v0.5.0 does not know or has removed",
                            "Quantize the model again with a current llama.cpp"));
            long rowLength = shape.isEmpty() ? 1 : shape.getFirst();
            if (rowLength % type.blockSize() != 0) {
                throw in.fault(
                        typeOffset,
                        "tensor " + name + " has rows of " + rowLength + " elements, no whole number of " + type
                                + " blocks of " + type.blockSize());
            }
            if (elements / type.blockSize() > (Long.MAX_VALUE - MAX_ALIGNMENT) / type.blockBytes()) {
                throw in.fault(typeOffset, "tensor " + name + " has more bytes than a 64-bit number can count");
            }
            long offsetInData = in.readLong(what);
            return new TensorInfo(start, name, shape, type, type.rowBytes(elements), offsetInData);
        }

        /** Checks that the tensors lie one after the other from the start of the data section to within the file. */
        private Map<String, GgufTensor> place(List<TensorInfo> infos, long dataOffset, int alignment) {
            Map<String, GgufTensor> tensors = new LinkedHashMap<>();
            long expected = 0;
            for (TensorInfo info : infos) {
                if (info.offsetInData != expected) {
                    throw in.fault(
                            info.headerOffset,
                            "tensor " + info.name + " is at offset " + Long.toUnsignedString(info.offsetInData)
                                    + " of the data section, but must be at " + expected);
                }
                long room = fileSize - dataOffset - expected;
                if (info.byteSize > room) {
                    throw in.fault(
                            info.headerOffset,
                            "the data of tensor " + info.name + " is not all there: it has " + info.byteSize
                                    + " bytes from byte " + (dataOffset + expected) + " on, but the file ends at "
                                    + fileSize,
                            "The download or copy is incomplete: repeat it");
                }
                tensors.put(
                        info.name,
                        new GgufTensor(info.name, info.shape, info.type, dataOffset + expected, info.byteSize));
                expected = padded(expected + info.byteSize, alignment);
            }
            return tensors;
        }

        /** C code sees names up to the first zero byte, Java sees them whole: a zero byte would make two views of one file. */
        private String name(byte[] bytes, long start, String what) {
            for (byte b : bytes) {
                if (b == 0) {
                    throw in.fault(start, "a " + what + " contains a zero byte");
                }
            }
            return HeaderReader.utf8(bytes);
        }
    }

    private record TensorInfo(
            long headerOffset, String name, List<Long> shape, GgmlType type, long byteSize, long offsetInData) {}

    static long padded(long offset, int alignment) {
        return (offset + alignment - 1) & -alignment;
    }
}
