package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.LlamaConstants;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.engine.internal.LogRouter;
import dev.llamapanama.engine.internal.StateFile;
import dev.llamapanama.engine.internal.StateHeader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Saves and restores what a context remembers ({@code llama_state_*}), behind a {@link StateHeader}: llama.cpp trusts the
 * bytes that it is given.
 */
final class ContextState {
    /** As a sequence: all of them. */
    static final int WHOLE = -1;

    private static final int FLAGS = LlamaConstants.LLAMA_STATE_SEQ_FLAGS_NONE;

    private final NativeContext context;
    private final ContextMemory memory;
    private final Outputs outputs;

    ContextState(NativeContext context, ContextMemory memory, Outputs outputs) {
        this.context = context;
        this.memory = memory;
        this.outputs = outputs;
    }

    /** Bytes that {@link #save(int)} would make. */
    long size(int sequence) {
        context.begin("stateSize");
        try {
            context.memory(); // must be there
            return StateHeader.LENGTH + Llama.stateGetSize(context.handle(), sequence, FLAGS, context.error());
        } catch (NativeCallException e) {
            throw context.failure(e);
        } finally {
            context.end();
        }
    }

    byte[] save(int sequence) {
        context.begin("saveState");
        try (Arena call = Arena.ofConfined()) {
            MemorySegment data = nativeState(call, sequence);
            if (data.byteSize() > Integer.MAX_VALUE - StateHeader.LENGTH - 8) {
                throw new StateException(
                        "the state has " + data.byteSize() + " bytes, too many for an array; save it to a file");
            }
            byte[] bytes = new byte[(int) (StateHeader.LENGTH + data.byteSize())];
            header(sequence, data).encode().get(bytes, 0, StateHeader.LENGTH);
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, 0, bytes, StateHeader.LENGTH, (int) data.byteSize());
            return bytes;
        } finally {
            context.end();
        }
    }

    void save(Path file) {
        context.begin("saveState");
        try (Arena call = Arena.ofConfined()) {
            MemorySegment data = nativeState(call, WHOLE);
            ByteBuffer header = header(WHOLE, data).encode();
            StateFile.replace(file, channel -> {
                StateFile.write(channel, MemorySegment.ofBuffer(header));
                StateFile.write(channel, data);
            });
        } catch (IOException e) {
            throw new StateException(
                    "the state of " + context + " cannot be written to " + file + "; the file is as it was before. "
                            + e,
                    e);
        } finally {
            context.end();
        }
    }

    private MemorySegment nativeState(Arena call, int sequence) {
        context.memory(); // must be there
        if (memory.isUpdatePending()) {
            throw new IllegalStateException("positions of " + context
                    + " were moved, which takes effect in the next decode; save before moving them, or after a decode");
        }
        long mark = LogRouter.mark();
        try {
            long size = Llama.stateGetSize(context.handle(), sequence, FLAGS, context.error());
            MemorySegment data = call.allocate(Math.max(1, size));
            long written = Llama.stateGetData(context.handle(), data, size, sequence, FLAGS, context.error());
            if (written == 0 || written > size) {
                throw new StateException("the state of " + context + " cannot be saved" + LogRouter.reasonSince(mark));
            }
            return data.asSlice(0, written);
        } catch (NativeCallException e) {
            throw context.failure(e);
        } catch (OutOfMemoryError e) {
            throw new StateException("there is no memory for a copy of the state of " + context, e);
        }
    }

    void restore(byte[] saved, int sequence) {
        context.begin("restoreState");
        try (Arena call = Arena.ofConfined()) {
            memory.requireNoCopyPending();
            StateHeader header = check("the saved state", ByteBuffer.wrap(saved), saved.length, sequence);
            MemorySegment data =
                    call.allocate(Math.max(1, header.payloadLength())).asSlice(0, header.payloadLength());
            MemorySegment.copy(saved, StateHeader.LENGTH, data, ValueLayout.JAVA_BYTE, 0, (int) header.payloadLength());
            restore("the saved state", header, data, sequence);
        } catch (OutOfMemoryError e) {
            throw new StateException("there is no memory for a copy of the saved state. The context is as before.", e);
        } finally {
            context.end();
        }
    }

    void restore(Path file) {
        context.begin("restoreState");
        try (Arena call = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            memory.requireNoCopyPending();
            ByteBuffer bytes = ByteBuffer.allocate(StateHeader.LENGTH);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // until the header is complete or the file ends
            }
            StateHeader header = check(file.toString(), bytes.flip(), channel.size(), WHOLE);
            MemorySegment data =
                    call.allocate(Math.max(1, header.payloadLength())).asSlice(0, header.payloadLength());
            StateFile.read(channel, StateHeader.LENGTH, data);
            restore(file.toString(), header, data, WHOLE);
        } catch (NoSuchFileException e) {
            throw new StateException(file + " does not exist; check the path", e);
        } catch (IOException e) {
            throw new StateException(file + " cannot be read: " + e, e);
        } catch (OutOfMemoryError e) {
            throw new StateException("there is no memory for a copy of " + file + ". The context is as before.", e);
        } finally {
            context.end();
        }
    }

    private StateHeader check(String origin, ByteBuffer bytes, long length, int sequence) {
        context.memory(); // must be there
        StateHeader.Result result = StateHeader.decode(bytes);
        StateHeader header = result.header()
                .orElseThrow(() -> new StateException(origin + " cannot be restored: " + result.problem()));
        StateHeader.Kind kind = kind(sequence);
        String problem = null;
        if (header.kind() != kind) {
            problem = "it is of a " + header.kind() + ", not of a " + kind;
        } else if (!header.isOf(context.model().fingerprint())) {
            problem = "it was saved with another model than " + context.model();
        } else if (!header.llamaVersion().equals(Llama.version())) {
            problem = "it was saved by llama.cpp " + header.llamaVersion() + "; this is " + Llama.version();
        } else if (!Arrays.equals(header.layout(), layout(kind))) {
            problem =
                    "it was saved with other options: KV types, flash attention, unifiedKv, fullSwa (and maxSequences for a "
                            + "whole context) must be the same";
        } else if (header.payloadLength() != length - StateHeader.LENGTH) {
            problem =
                    "it has " + length + " bytes, but " + (header.payloadLength() + StateHeader.LENGTH) + " were saved";
        }
        if (problem != null) {
            throw new StateException(origin + " cannot be restored: " + problem + ". The context is as before.");
        }
        return header;
    }

    private void restore(String origin, StateHeader header, MemorySegment data, int sequence) {
        if (StateFile.checksum(data) != header.payloadChecksum()) {
            throw new StateException(origin + " cannot be restored: it is damaged. The context is as before.");
        }
        if (sequence == WHOLE) {
            outputs.invalidate();
        }
        context.memoryChanged();
        long mark = LogRouter.mark();
        try {
            long read = Llama.stateSetData(context.handle(), data, data.byteSize(), sequence, FLAGS, context.error());
            if (read != data.byteSize()) {
                forget(sequence);
                throw new StateException(origin + " does not fit into " + context + LogRouter.reasonSince(mark)
                        + ". What it should have replaced is gone.");
            }
        } catch (NativeCallException e) {
            throw context.failure(e);
        }
    }

    /** After a failed restore the memory may hold a part. */
    private void forget(int sequence) {
        if (sequence == WHOLE) {
            memory.nativeClearAll();
        } else {
            memory.nativeClear(sequence);
        }
    }

    private StateHeader header(int sequence, MemorySegment data) {
        StateHeader.Kind kind = kind(sequence);
        return new StateHeader(
                kind,
                Llama.version(),
                context.model().fingerprint().bytes(),
                layout(kind),
                data.byteSize(),
                StateFile.checksum(data));
    }

    private static StateHeader.Kind kind(int sequence) {
        return sequence == WHOLE ? StateHeader.Kind.CONTEXT : StateHeader.Kind.SEQUENCE;
    }

    /** What two contexts must have in common for one to understand the other's state. */
    private byte[] layout(StateHeader.Kind kind) {
        ContextOptions options = context.options();
        ByteBuffer layout = ByteBuffer.allocate(StateHeader.LAYOUT_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        layout.put((byte) options.keyType().value());
        layout.put((byte) options.valueType().value());
        layout.put((byte) options.flashAttention().ordinal());
        layout.put((byte) (options.fullSwa() ? 1 : 0));
        layout.put((byte) options.attention().ordinal());
        layout.put((byte) options.rope().scaling().ordinal());
        layout.putFloat(options.rope().base());
        layout.putFloat(options.rope().scale());
        if (kind == StateHeader.Kind.CONTEXT) {
            layout.put((byte) (options.unifiedKv() ? 1 : 0));
            layout.putShort((short) memory.maxSequences());
        }
        return layout.array();
    }
}
