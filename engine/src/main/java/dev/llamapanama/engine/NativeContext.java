package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.bindings.NativeError;
import dev.llamapanama.engine.internal.CallGuard;
import dev.llamapanama.engine.internal.LogRouter;
import dev.llamapanama.engine.internal.NativeResource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;

/**
 * A {@code llama_context} with what all its parts share: the guard that lets one thread in, the flag that stops a
 * computation, and the place where native calls report failures.
 *
 * <p>Every method of the engine that touches the context runs between {@link #begin} (or {@link #beginReading}) and
 * {@link #end}; that is also what makes {@link #close} wait for it.
 */
final class NativeContext implements LogRouter.Stopper {
    private static final VarHandle FLAG = ValueLayout.JAVA_INT.varHandle();

    private final Model model;
    private final ContextOptions options;
    private final NativeResource resource;
    private final CallGuard guard;
    private final MemorySegment abortFlag;
    private final MemorySegment memory; // llama_memory_t, or NULL
    private final NativeError error;
    private long memoryEpoch; // changes with what the memory holds; used by the one thread inside

    NativeContext(Model model, ContextOptions options, NativeResource resource, MemorySegment abortFlag) {
        this.model = model;
        this.options = options;
        this.resource = resource;
        this.guard = new CallGuard(resource.name());
        this.abortFlag = abortFlag;
        this.memory = Llama.getMemory(resource.handle());
        this.error = new NativeError(resource.memory());
        resource.watch(this); // and not the Context: a batch or a sequence may be used when that is forgotten
    }

    static NativeContext create(Model model, ContextOptions options) {
        return new ContextFactory(model, options).create();
    }

    Model model() {
        return model;
    }

    ContextOptions options() {
        return options;
    }

    NativeResource resource() {
        return resource;
    }

    /** For a native call, between begin and end. */
    MemorySegment handle() {
        return resource.unownedHandle();
    }

    NativeError error() {
        return error;
    }

    boolean hasMemory() {
        return !memory.equals(MemorySegment.NULL);
    }

    /** The context's memory, for a native call, between begin and end. */
    MemorySegment memory() {
        resource.requireUsable();
        if (!hasMemory()) {
            throw new IllegalStateException(this + " has no memory: its model reads a whole text at once");
        }
        return memory;
    }

    /** Enters; a second thread is refused. {@link #end} must follow, in a finally block. */
    void begin(String operation) {
        guard.enter(operation);
        try {
            resource.requireUsable();
        } catch (IllegalStateException unusable) {
            guard.exit();
            throw unusable;
        }
    }

    /** Enters to read results; allowed from within another call of the same thread. If true, {@link #end} must follow. */
    boolean beginReading(String operation) {
        boolean entered = guard.enterToRead(operation);
        try {
            resource.requireUsable();
        } catch (IllegalStateException unusable) {
            if (entered) {
                guard.exit();
            }
            throw unusable;
        }
        return entered;
    }

    void end() {
        try {
            guard.exit();
        } finally {
            Reference.reachabilityFence(this); // else it could be freed as a leak in the middle of its last call
        }
    }

    /** Asks the computation under way, or the next one, to stop. Any thread. */
    void requestAbort() {
        try {
            FLAG.setVolatile(abortFlag, 0L, 1);
        } catch (IllegalStateException closed) {
            // then there is nothing to stop
        }
    }

    /** Takes back {@link #requestAbort}; whether there was one. */
    boolean clearAbort() {
        return (int) FLAG.getAndSet(abortFlag, 0L, 0) != 0;
    }

    @Override
    public boolean stopRequested() {
        return (int) FLAG.getVolatile(abortFlag, 0L) != 0;
    }

    /** Takes note that the memory holds something else, or was computed with other weights; the number of the new epoch. */
    long memoryChanged() {
        return ++memoryEpoch;
    }

    long memoryEpoch() {
        return memoryEpoch;
    }

    NativeFailureException failure(NativeCallException e) {
        return Failures.of(resource, e);
    }

    boolean isOpen() {
        return resource.isUsable() && !guard.isClosing();
    }

    void close() {
        guard.close(this::requestAbort);
        resource.close();
    }

    @Override
    public String toString() {
        return resource.name();
    }
}
