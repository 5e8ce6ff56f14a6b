package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.engine.internal.OpenHandles;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test that leaves a native object open or native bytes in use. Tests start with none, unless another one failed. */
@SuppressWarnings("exports") // public for the tests of other packages
public final class NoLeaks implements BeforeEachCallback, AfterEachCallback {
    private record Open(List<String> names, long bytes) {
        static Open now() {
            return new Open(OpenHandles.names(), OpenHandles.nativeBytes());
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(ExtensionContext.Namespace.create(NoLeaks.class)).put(context.getUniqueId(), Open.now());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Object before = context.getStore(ExtensionContext.Namespace.create(NoLeaks.class))
                .get(context.getUniqueId());
        assertThat(Open.now()).as(() -> "left open: " + OpenHandles.report()).isEqualTo(before);
    }
}
