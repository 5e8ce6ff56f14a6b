package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test that leaves a native object open. */
final class NoLeaks implements BeforeEachCallback, AfterEachCallback {
    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(ExtensionContext.Namespace.create(NoLeaks.class)).put(context.getUniqueId(), openHandles());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Object before = context.getStore(ExtensionContext.Namespace.create(NoLeaks.class))
                .get(context.getUniqueId());
        assertThat(openHandles()).as("native objects that are open").isEqualTo(before);
    }

    /** The engine's own list, which its module does not export; tests run on the class path. */
    private static Object openHandles() {
        try {
            return Class.forName("dev.llamapanama.engine.internal.OpenHandles")
                    .getMethod("names")
                    .invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.toString(), e);
        }
    }
}
