package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A decode loop, once compiled, makes no objects. JMH measures the same in the bench module; this notices a mistake early. */
@ExtendWith(NoLeaks.class)
class AllocationTest {
    private static final int LENGTH = 200;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void aDecodeLoopAllocatesNothing() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(
                        ContextOptions.builder().contextLength(256).threads(1).build())) {
            float[] logits = new float[model.vocabulary().size()];
            byte[] text = new byte[64];
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 150 && least > 0; round++) {
                context.clearMemory();
                long before = THREADS.getCurrentThreadAllocatedBytes();
                loop(context, logits, text);
                least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(least / LENGTH).as("bytes per token").isLessThan(16);
        }
    }

    private static void loop(Context context, float[] logits, byte[] text) {
        Vocabulary vocabulary = context.model().vocabulary();
        int token = 5;
        for (int i = 0; i < LENGTH; i++) {
            context.batch().clear();
            context.batch().add(token, i, 0, true);
            context.decode();
            context.logitsInto(0, logits);
            token = 3 + (int) (Math.abs(logits[7]) * 1000) % 200;
            vocabulary.bytesInto(token, false, text, 0);
            context.sequence(0);
        }
    }
}
