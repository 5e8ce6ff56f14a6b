package dev.llamapanama.engine;

import dev.llamapanama.gguf.GgmlType;
import dev.llamapanama.gguf.GgufFile;
import dev.llamapanama.gguf.GgufFormatException;
import dev.llamapanama.gguf.GgufTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Directions that are added to what layers put out, to steer a model. Immutable. Layers are counted from 1, as layer 0
 * cannot be steered.
 */
public final class ControlVector {
    private static final String PREFIX = "direction.";

    private final int width;
    private final NavigableMap<Integer, float[]> directions;

    private ControlVector(int width, NavigableMap<Integer, float[]> directions) {
        this.width = width;
        this.directions = directions;
    }

    /**
     * A vector of given directions.
     *
     * @param directions by layer, from 1; each as long as the model's {@link ModelInfo#embeddingLength()}; copied
     */
    public static ControlVector of(Map<Integer, float[]> directions) {
        TreeMap<Integer, float[]> copy = new TreeMap<>();
        int width = -1;
        for (Map.Entry<Integer, float[]> entry : directions.entrySet()) {
            float[] direction = entry.getValue().clone();
            if (entry.getKey() < 1) {
                throw new IllegalArgumentException(
                        "layer " + entry.getKey() + " cannot be steered; layers count from 1");
            }
            if (direction.length == 0 || (width >= 0 && direction.length != width)) {
                throw new IllegalArgumentException("the directions of a control vector must be of one length");
            }
            width = direction.length;
            copy.put(entry.getKey(), direction);
        }
        if (copy.isEmpty()) {
            throw new IllegalArgumentException("a control vector has at least one direction");
        }
        return new ControlVector(width, copy);
    }

    /**
     * Reads a control vector file, as {@code llama-cvector-generator} writes it: tensors {@code direction.LAYER} of F32
     * ({@code common_control_vector_load}).
     *
     * @throws AdapterException if the file is missing, damaged or something else
     */
    public static ControlVector load(Path path) {
        try {
            GgufFile file = GgufFile.open(path);
            TreeMap<Integer, float[]> directions = new TreeMap<>();
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                for (GgufTensor tensor : file.tensors().values()) {
                    directions.put(layer(path, tensor), read(path, channel, tensor));
                }
            }
            if (directions.isEmpty()) {
                throw new AdapterException(
                        path + " holds no tensors named " + PREFIX + "LAYER; it is no control vector");
            }
            return of(directions);
        } catch (GgufFormatException | IllegalArgumentException e) {
            throw new AdapterException(path + " is no control vector: " + e.getMessage(), e);
        } catch (NoSuchFileException e) {
            throw new AdapterException(path + " does not exist; check the path", e);
        } catch (IOException e) {
            throw new AdapterException(path + " cannot be read: " + e, e);
        }
    }

    private static int layer(Path path, GgufTensor tensor) {
        String name = tensor.name();
        if (!name.startsWith(PREFIX)
                || tensor.type() != GgmlType.F32
                || tensor.shape().size() != 1) {
            throw new AdapterException(path + ": tensor " + name + " of type " + tensor.type() + " and shape "
                    + tensor.shape() + " is no direction of a control vector (direction.LAYER, F32, one dimension)");
        }
        return Integer.parseInt(name.substring(PREFIX.length()));
    }

    private static float[] read(Path path, FileChannel channel, GgufTensor tensor) throws IOException {
        if (tensor.byteSize() > 1 << 24) {
            throw new AdapterException(path + ": tensor " + tensor.name() + " is too long for a direction");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) tensor.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, tensor.offset() + bytes.position()) < 0) {
                throw new IOException("the file became shorter while it was read");
            }
        }
        float[] direction = new float[bytes.flip().remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(direction);
        return direction;
    }

    /** Length of each direction. */
    public int width() {
        return width;
    }

    /** Layers that have a direction, from 1. */
    public NavigableSet<Integer> layers() {
        return new TreeSet<>(directions.keySet());
    }

    /** The direction of a layer, a copy; zeros for a layer without one. */
    public float[] direction(int layer) {
        float[] direction = directions.get(layer);
        return direction == null ? new float[width] : direction.clone();
    }

    /** This vector, {@code factor} times as strong; negative to steer the other way. */
    public ControlVector scaled(float factor) {
        TreeMap<Integer, float[]> scaled = new TreeMap<>();
        directions.forEach((layer, direction) -> {
            float[] copy = direction.clone();
            for (int i = 0; i < copy.length; i++) {
                copy[i] *= factor;
            }
            scaled.put(layer, copy);
        });
        return new ControlVector(width, scaled);
    }

    /** The sum of two vectors of the same width. */
    public ControlVector plus(ControlVector other) {
        if (other.width != width) {
            throw new IllegalArgumentException("widths differ: " + width + " and " + other.width);
        }
        TreeMap<Integer, float[]> sum = new TreeMap<>();
        directions.forEach((layer, direction) -> sum.put(layer, direction.clone()));
        other.directions.forEach((layer, direction) -> {
            float[] to = sum.computeIfAbsent(layer, key -> new float[width]);
            for (int i = 0; i < width; i++) {
                to[i] += direction[i];
            }
        });
        return new ControlVector(width, sum);
    }

    /** All layers from 1 to {@code lastLayer} one after the other, zeros where there is no direction. */
    float[] flat(int lastLayer) {
        float[] flat = new float[lastLayer * width];
        directions.forEach((layer, direction) -> System.arraycopy(direction, 0, flat, (layer - 1) * width, width));
        return flat;
    }
}
