package dev.llamapanama.engine.service;

import dev.llamapanama.engine.FinishReason;
import java.time.Duration;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * Writes Flight Recorder events of steps and requests. They are off until a recording enables them ({@code
 * jfr configure dev.llamapanama.Step#enabled=true}, or {@code -XX:StartFlightRecording} with such settings); while off, each costs a
 * test of a flag. No token or text is written.
 */
public final class JfrObserver implements EngineObserver {
    /** A decode. */
    @Name("dev.llamapanama.Step")
    @Label("Step")
    @Category("llamapanama")
    @Description("One decode of an inference service")
    @StackTrace(false)
    @Enabled(false)
    static final class StepEvent extends Event {
        @Label("Prompt Tokens")
        int prefillTokens;

        @Label("Answer Tokens")
        int decodeTokens;

        @Label("Running")
        int running;

        @Label("Waiting")
        int waiting;

        @Label("KV Tokens")
        int kvTokens;

        @Label("Elapsed")
        @Timespan(Timespan.NANOSECONDS)
        long elapsed;
    }

    /** A choice that ended. */
    @Name("dev.llamapanama.Request")
    @Label("Request")
    @Category("llamapanama")
    @Description("An answer of an inference service, when it ended")
    @StackTrace(false)
    @Enabled(false)
    static final class RequestEvent extends Event {
        @Label("Request")
        long request;

        @Label("Choice")
        int choice;

        @Label("Reason")
        String reason = "";

        @Label("Generated Tokens")
        int generatedTokens;

        @Label("Since Submitted")
        @Timespan(Timespan.NANOSECONDS)
        long sinceSubmitted;
    }

    @Override
    public void step(StepSummary step) {
        StepEvent event = new StepEvent();
        if (event.shouldCommit()) {
            event.prefillTokens = step.prefillTokens();
            event.decodeTokens = step.decodeTokens();
            event.running = step.running();
            event.waiting = step.waiting();
            event.kvTokens = step.kvTokens();
            event.elapsed = step.elapsed().toNanos();
            event.commit();
        }
    }

    @Override
    public void finished(long request, int choice, FinishReason reason, int generatedTokens, Duration sinceSubmitted) {
        RequestEvent event = new RequestEvent();
        if (event.shouldCommit()) {
            event.request = request;
            event.choice = choice;
            event.reason = reason.name();
            event.generatedTokens = generatedTokens;
            event.sinceSubmitted = sinceSubmitted.toNanos();
            event.commit();
        }
    }
}
