package dev.llamapanama.engine.internal;

import dev.llamapanama.bindings.Llama;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * All native objects that are open in this process, and the native bytes that are known: the weights of models and the
 * buffers of contexts and samplers, not what llama.cpp allocates inside a context.
 */
public final class OpenHandles {
    /** System property: {@code true} keeps the stack trace of each creation, for the report of a leak. */
    public static final String LEAKS_PROPERTY = "llamapanama.leaks";

    static final boolean KEEP_STACKS = Boolean.getBoolean(LEAKS_PROPERTY);

    /** Guards the bookkeeping of all native objects: which are open, and who depends on whom. Never held during a native call. */
    static final Object LOCK = new Object();

    /** Keeps an older list from overwriting a newer one; taken before {@link #LOCK}. */
    private static final Object NOTE = new Object();

    private static final Set<NativeResource> OPEN = new LinkedHashSet<>(); // guarded by LOCK
    private static final LongAdder BYTES = new LongAdder();

    private OpenHandles() {}

    /** Names of the open objects, oldest first. */
    public static List<String> names() {
        synchronized (LOCK) {
            return OPEN.stream().map(NativeResource::name).toList();
        }
    }

    /** Where each open object was created, for those created under {@value #LEAKS_PROPERTY}. */
    public static List<String> report() {
        synchronized (LOCK) {
            List<String> lines = new ArrayList<>();
            for (NativeResource resource : OPEN) {
                lines.add(resource.name() + resource.creation());
            }
            return lines;
        }
    }

    /** Native bytes in use. */
    public static long nativeBytes() {
        return BYTES.sum();
    }

    static void addBytes(long bytes) {
        BYTES.add(bytes);
    }

    static void add(NativeResource resource) {
        synchronized (LOCK) {
            OPEN.add(resource);
        }
        tellNativeCode();
    }

    static void remove(NativeResource resource) {
        synchronized (LOCK) {
            OPEN.remove(resource);
        }
        tellNativeCode();
    }

    /** The note that native code writes when it has to end the process names what was open. */
    private static void tellNativeCode() {
        synchronized (NOTE) {
            Llama.setActivity(String.join(", ", names()));
        }
    }
}
