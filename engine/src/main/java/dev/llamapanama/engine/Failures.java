package dev.llamapanama.engine;

import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.engine.internal.NativeResource;

/** Turns failures of native calls into exceptions, and keeps objects that an assertion failed in from further use. */
final class Failures {
    private Failures() {}

    /** The exception to throw after a native call on {@code resource} failed. */
    static NativeFailureException of(NativeResource resource, NativeCallException failure) {
        boolean broken = failure.kind() == NativeCallException.Kind.ABORTED;
        if (broken) {
            resource.breakDown("an assertion failed in native code: " + failure.getMessage());
        }
        return new NativeFailureException(resource.name(), failure, broken);
    }
}
