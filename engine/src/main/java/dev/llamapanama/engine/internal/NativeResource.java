package dev.llamapanama.engine.internal;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The lifetime of one native object: its handle, the memory that it points to, and who depends on it.
 *
 * <p>An object is freed once, and after all objects that point to it (its dependents): {@link #close()} refuses while
 * there are any, and an object whose owner was forgotten waits for them. Thread-safe. Whoever owns one must not be
 * reachable from it, or the {@link Cleaner} that watches for leaks never sees the owner go.
 */
public final class NativeResource {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final System.Logger LOGGER = System.getLogger("dev.llamapanama.leaks");

    private static final long CLOSE_POLL_NANOS = 100_000;
    private static final int CLOSED_TO_USERS = Integer.MIN_VALUE;

    private enum State {
        OPEN,
        /** Open, but nobody can close it any more: goes with its last dependent. */
        FORGOTTEN,
        CLOSED
    }

    private final String name;
    private final Object freeLock;
    private final Set<NativeResource> targets = new LinkedHashSet<>(); // what this one points to; guarded by LOCK
    private final Set<NativeResource> dependents = new LinkedHashSet<>(); // guarded by LOCK
    // two arenas, because the object must be gone before the memory it points to, and one arena promises no order
    private final Arena handleArena = Arena.ofShared();
    private final CountingArena memory = new CountingArena();
    private final @Nullable Throwable creation;
    private final AtomicInteger users = new AtomicInteger(); // CLOSED_TO_USERS once nobody may enter
    private final CountDownLatch freed = new CountDownLatch(1);
    private State state = State.OPEN; // guarded by LOCK
    private boolean leaked; // guarded by LOCK
    private long declaredBytes; // guarded by LOCK
    private MemorySegment handle = MemorySegment.NULL;
    private MemorySegment unownedHandle = MemorySegment.NULL;
    private volatile @Nullable String unusable;

    private NativeResource(String name, Object freeLock) {
        this.name = name;
        this.freeLock = freeLock;
        this.creation = OpenHandles.KEEP_STACKS ? new Throwable(name + " was created here") : null;
    }

    /** Makes the native object of a resource. */
    @FunctionalInterface
    public interface Creation {
        /**
         * @param handleArena what the handle must be tied to, so that closing it frees the object
         * @param memory memory that the object may point to; freed after it
         */
        MemorySegment create(Arena handleArena, Arena memory);
    }

    /**
     * Creates a native object.
     *
     * @param name what messages call it
     * @param parents what the new object points to
     * @param freeLock held while the object is freed
     * @throws IllegalStateException if a parent is closed
     */
    public static NativeResource open(String name, List<NativeResource> parents, Object freeLock, Creation creation) {
        NativeResource resource = new NativeResource(name, freeLock);
        for (NativeResource parent : parents) {
            resource.pointTo(parent); // before the creation, so that no parent can be closed in the middle of it
        }
        try {
            resource.handle = creation.create(resource.handleArena, resource.memory);
            resource.unownedHandle = MemorySegment.ofAddress(resource.handle.address());
        } catch (Throwable thrown) {
            resource.free();
            throw thrown;
        }
        OpenHandles.add(resource);
        return resource;
    }

    /** Watches an owner: if it is forgotten without {@link #close()}, the leak is logged and the object freed in the right order. */
    public void watch(Object owner) {
        CLEANER.register(owner, this::forgotten);
    }

    /** What messages call this object. */
    public String name() {
        return name;
    }

    /**
     * The handle, for a native call.
     *
     * @throws IllegalStateException if the object is closed or broken
     */
    public MemorySegment handle() {
        requireUsable();
        return handle;
    }

    /**
     * The handle without its arena, for a native call of an owner that waits for its calls before it closes, and stays
     * reachable during them: then the arena, whose hold costs two atomic operations in each call, has nothing to guard.
     *
     * @throws IllegalStateException if the object is closed or broken
     */
    public MemorySegment unownedHandle() {
        requireUsable();
        return unownedHandle;
    }

    /** Memory that lives a little longer than the object. */
    public Arena memory() {
        return memory;
    }

    /** What pointers into the object must be tied to, so that they cannot outlive it. */
    public Arena handleArena() {
        return handleArena;
    }

    /** Throws {@link IllegalStateException} if the object is closed or broken. */
    public void requireUsable() {
        String why = unusable;
        if (why != null) {
            throw new IllegalStateException(why);
        }
    }

    /**
     * Enters a short native call that many threads may be in at the same time; {@link #close()} waits for them. {@link
     * #exitShared()} must follow, in a finally block.
     *
     * @return the handle
     * @throws IllegalStateException if the object is closed or broken
     */
    public MemorySegment enterShared() {
        requireUsable();
        int n;
        do {
            n = users.get();
            if (n == CLOSED_TO_USERS) {
                throw new IllegalStateException(name + " is closed");
            }
        } while (!users.compareAndSet(n, n + 1));
        return handle;
    }

    /** Leaves. */
    public void exitShared() {
        users.decrementAndGet();
    }

    /** Whether the object can be used. */
    public boolean isUsable() {
        return unusable == null;
    }

    /** Counts bytes that native code allocated for this object. */
    public void declareBytes(long bytes) {
        synchronized (OpenHandles.LOCK) {
            declaredBytes += bytes;
        }
        OpenHandles.addBytes(bytes);
    }

    /** Says that this object's native code points to {@code target}, which must therefore outlive it. */
    public void pointTo(NativeResource target) {
        synchronized (OpenHandles.LOCK) {
            if (target.state == State.CLOSED) {
                throw new IllegalStateException(target.name + " is closed");
            }
            target.requireUsable();
            targets.add(target);
            target.dependents.add(this);
        }
    }

    /** Takes back {@link #pointTo}. */
    public void pointAwayFrom(NativeResource target) {
        boolean last;
        synchronized (OpenHandles.LOCK) {
            targets.remove(target);
            target.dependents.remove(this);
            last = target.state == State.FORGOTTEN && target.dependents.isEmpty();
            if (last) {
                target.state = State.CLOSED;
            }
        }
        if (last) {
            target.free();
        }
    }

    /**
     * Makes the object unusable after an assertion failed in it. Its native memory is then never freed, because freeing
     * it could fail the same way, and that would end the process.
     */
    public void breakDown(String why) {
        synchronized (OpenHandles.LOCK) {
            leaked = true;
            unusable = name + " can no longer be used: " + why;
        }
    }

    /**
     * Frees the object; does nothing if that was done, and waits where another thread is doing it.
     *
     * @return whether this call did it
     * @throws IllegalStateException if other objects depend on it; it then stays open
     */
    public boolean close() {
        boolean first = closeToUsers();
        if (first) {
            free();
        } else {
            awaitFreed();
        }
        return first;
    }

    private boolean closeToUsers() {
        synchronized (OpenHandles.LOCK) {
            if (state != State.OPEN) {
                return false;
            }
            if (!dependents.isEmpty()) {
                throw new IllegalStateException(name + " cannot be closed: it is used by "
                        + dependents.stream().map(NativeResource::name).collect(Collectors.joining(", "))
                        + ". Close them first.");
            }
            state = State.CLOSED;
            if (unusable == null) {
                unusable = name + " is closed";
            }
            return true;
        }
    }

    private void awaitFreed() {
        boolean interrupted = false;
        while (true) {
            try {
                freed.await();
                break;
            } catch (InterruptedException _) {
                interrupted = true; // whoever returns from close() relies on the memory being free
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void forgotten() {
        boolean free;
        synchronized (OpenHandles.LOCK) {
            if (state != State.OPEN) {
                return;
            }
            free = dependents.isEmpty();
            state = free ? State.CLOSED : State.FORGOTTEN;
            if (free && unusable == null) {
                unusable = name + " is closed";
            }
        }
        LOGGER.log(
                System.Logger.Level.WARNING,
                name + " was never closed; its native memory is freed now, by chance. "
                        + (creation == null
                                ? "-D" + OpenHandles.LEAKS_PROPERTY + "=true shows where it was created."
                                : creation()));
        if (free) {
            free();
        }
    }

    private void free() {
        while (!users.compareAndSet(0, CLOSED_TO_USERS)) {
            LockSupport.parkNanos(CLOSE_POLL_NANOS);
        }
        try {
            if (leaked) {
                memory.forget(); // native code may point to it for ever
            } else {
                synchronized (freeLock) {
                    closeWhenIdle(handleArena);
                }
                closeWhenIdle(memory);
            }
        } finally {
            if (declaredBytes != 0) {
                OpenHandles.addBytes(-declaredBytes);
            }
            for (NativeResource target : List.copyOf(targetsCopy())) {
                pointAwayFrom(target);
            }
            OpenHandles.remove(this);
            freed.countDown();
        }
    }

    /** An arena refuses to close while another thread is in a native call with memory of it; such calls are short. */
    private static void closeWhenIdle(Arena arena) {
        while (arena.scope().isAlive()) {
            try {
                arena.close();
            } catch (IllegalStateException inUse) {
                LockSupport.parkNanos(CLOSE_POLL_NANOS);
            }
        }
    }

    private List<NativeResource> targetsCopy() {
        synchronized (OpenHandles.LOCK) {
            return new ArrayList<>(targets);
        }
    }

    /** The stack trace of the creation, or nothing. */
    String creation() {
        if (creation == null) {
            return "";
        }
        StringWriter text = new StringWriter();
        creation.printStackTrace(new PrintWriter(text, true));
        return "\n" + text;
    }

    @Override
    public String toString() {
        return name;
    }
}
