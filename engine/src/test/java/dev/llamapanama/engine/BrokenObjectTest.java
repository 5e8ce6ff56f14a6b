package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is left of a context after an assertion failed in native code, which no call of a user should reach. */
@ExtendWith(NoLeaks.class)
class BrokenObjectTest {
    @Test
    void aFailedAssertionEndsTheContextAndNothingElse() {
        try (Model model = Model.load(Models.llama())) {
            Context context = model.newContext(
                    ContextOptions.builder().contextLength(256).threads(1).build());
            Models.decode(context, 0, 0, 5);
            NativeCallException assertion = catchThrowableOfType(
                    NativeCallException.class,
                    () -> Llama.memorySeqRm(Llama.getMemory(context.handle()), 999, 0, 1, context.error()));
            assertThat(assertion.kind()).isEqualTo(NativeCallException.Kind.ABORTED);

            NativeFailureException failure = Failures.of(context.resource(), assertion);
            assertThat(failure).hasMessageContaining(context.toString()).hasMessageContaining("GGML_ASSERT");
            assertThat(failure.kind()).isEqualTo(NativeFailureException.Kind.ABORTED);
            assertThat(failure).hasMessageContaining("this object can no longer be used");
            // what the tokenizer says of a model, which it only reads
            assertThat(new NativeFailureException(model.toString(), assertion))
                    .hasMessageContaining("GGML_ASSERT")
                    .hasMessageNotContaining("no longer");
            assertThat(context.isOpen()).isFalse();
            for (Runnable use : new Runnable[] {
                context::decode,
                context::clearMemory,
                () -> context.logits(0),
                () -> context.batch().add(5, 1, 0, true)
            }) {
                assertThatIllegalStateException()
                        .isThrownBy(use::run)
                        .withMessageContaining("can no longer be used")
                        .withMessageContaining("GGML_ASSERT");
            }
            context.close();
            context.close();
            try (Context next = model.newContext(
                    ContextOptions.builder().contextLength(256).threads(1).build())) {
                Models.decode(next, 0, 0, 5);
            }
        }
    }
}
