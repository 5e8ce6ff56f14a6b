package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.engine.internal.OpenHandles;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** After each test, no native object is open. */
final class NoLeaks implements AfterEachCallback {
    @Override
    public void afterEach(ExtensionContext context) {
        assertThat(OpenHandles.report()).isEmpty();
        assertThat(OpenHandles.nativeBytes()).isZero();
    }
}
