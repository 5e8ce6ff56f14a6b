package dev.llamapanama.micrometer;

import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.MemoryUse;
import dev.llamapanama.engine.service.EngineObserver;
import dev.llamapanama.engine.service.InferenceService;
import dev.llamapanama.engine.service.ServiceHealth;
import dev.llamapanama.engine.service.ServiceStatistics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Histograms, counters and gauges of a service. llama-server's names come first ({@code llamacpp.prompt.tokens}, in Prometheus
 * {@code llamacpp_prompt_tokens_total}); what it does not have is named {@code llamapanama.…}.
 *
 * <p>Give it to {@link dev.llamapanama.engine.service.ServiceOptions.Builder#observers} before the service is made, and call
 * {@link #bind} afterwards. Thread-safe. No prompt or text becomes part of a metric.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>kind</th><th>meaning</th></tr>
 * <tr><td>llamacpp.prompt.tokens, …cached</td><td>counter</td><td>tokens of prompts computed, and had from the cache</td></tr>
 * <tr><td>llamacpp.tokens.predicted</td><td>counter</td><td>tokens sampled</td></tr>
 * <tr><td>llamacpp.n.decode</td><td>counter</td><td>batches decoded</td></tr>
 * <tr><td>llamacpp.spec.decode.num.draft.tokens, …accepted.tokens</td><td>counter</td><td>tokens guessed, and right</td></tr>
 * <tr><td>llamacpp.requests.processing, …deferred</td><td>gauge</td><td>choices that run, requests that wait</td></tr>
 * <tr><td>llamapanama.queue.time</td><td>histogram</td><td>from submission until a request leaves the queue</td></tr>
 * <tr><td>llamapanama.time.to.first.token</td><td>histogram</td><td>from submission</td></tr>
 * <tr><td>llamapanama.inter.token.latency</td><td>histogram</td><td>between tokens of a choice</td></tr>
 * <tr><td>llamapanama.request.time</td><td>histogram by reason</td><td>from submission to the end of a choice</td></tr>
 * <tr><td>llamapanama.step.time</td><td>histogram</td><td>of one decode</td></tr>
 * <tr><td>llamapanama.requests.rejected, …failed</td><td>counter</td><td>queue full; failed</td></tr>
 * <tr><td>llamapanama.prefix.cache.lookups, …hits, …evicted.tokens</td><td>counter</td><td>of the prefix cache</td></tr>
 * <tr><td>llamapanama.preemptions</td><td>counter</td><td>requests that lost their KV memory to others</td></tr>
 * <tr><td>llamapanama.kv.tokens.used, …capacity</td><td>gauge</td><td>entries of the KV memories</td></tr>
 * <tr><td>llamapanama.native.memory</td><td>gauge by kind</td><td>bytes reserved: weights, context, compute</td></tr>
 * </table>
 */
public final class ServiceMetrics implements EngineObserver {
    private final MeterRegistry registry;
    private final Tags tags;
    private final Timer queueTime;
    private final Timer firstToken;
    private final Timer interToken;
    private final Timer stepTime;
    private final Map<FinishReason, Timer> requestTime = new EnumMap<>(FinishReason.class);
    private final Counter failed;

    /** Makes the histograms, without tags: for a registry that sees one service. */
    public ServiceMetrics(MeterRegistry registry) {
        this(registry, Tags.empty());
    }

    /**
     * Makes the histograms.
     *
     * @param tags of all meters, as the model's name; several services on one registry need different ones
     */
    public ServiceMetrics(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
        queueTime = histogram("queue.time", "from submission until a request leaves the queue");
        firstToken = histogram("time.to.first.token", "from submission to the first token");
        interToken = histogram("inter.token.latency", "between tokens of a choice");
        stepTime = histogram("step.time", "of one decode");
        for (FinishReason reason : FinishReason.values()) {
            requestTime.put(
                    reason,
                    timer("request.time", "from submission to the end of a choice")
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .tags(tags)
                            .register(registry));
        }
        failed = Counter.builder("llamapanama.requests.failed")
                .description("requests that failed")
                .tags(tags)
                .register(registry);
    }

    private static Timer.Builder timer(String name, String description) {
        return Timer.builder("llamapanama." + name).description(description).publishPercentileHistogram();
    }

    private Timer histogram(String name, String description) {
        return timer(name, description).tags(tags).register(registry);
    }

    /** Adds the gauges and counters of a service. They hold it weakly: they vanish with it, and show its last values until then. */
    public void bind(InferenceService service) {
        counter(
                "llamacpp.prompt.tokens",
                service,
                ServiceStatistics::computedTokens,
                "tokens of prompts that were computed");
        counter(
                "llamacpp.prompt.tokens.cached",
                service,
                ServiceStatistics::cachedTokens,
                "tokens of prompts from the cache");
        counter("llamacpp.tokens.predicted", service, ServiceStatistics::generatedTokens, "tokens sampled");
        counter("llamacpp.n.decode", service, ServiceStatistics::steps, "batches decoded");
        counter(
                "llamacpp.spec.decode.num.draft.tokens",
                service,
                ServiceStatistics::draftedTokens,
                "tokens that were guessed");
        counter(
                "llamacpp.spec.decode.num.accepted.tokens",
                service,
                ServiceStatistics::acceptedTokens,
                "guessed tokens that were right");
        counter(
                "llamapanama.requests.rejected",
                service,
                ServiceStatistics::rejected,
                "requests that found the queue full");
        counter("llamapanama.requests.cancelled", service, ServiceStatistics::cancelled, "choices that were cancelled");
        counter("llamapanama.prefix.cache.lookups", service, ServiceStatistics::cacheLookups, "requests that asked");
        counter("llamapanama.prefix.cache.hits", service, ServiceStatistics::cacheHits, "requests that got something");
        counter(
                "llamapanama.prefix.cache.evicted.tokens",
                service,
                ServiceStatistics::evictedTokens,
                "tokens given up");
        counter("llamapanama.preemptions", service, ServiceStatistics::preemptions, "requests computed again");
        gauge("llamacpp.requests.processing", service, ServiceHealth::running, "choices that are being computed");
        gauge("llamacpp.requests.deferred", service, ServiceHealth::waiting, "requests in the queue");
        gauge("llamapanama.kv.tokens.used", service, ServiceHealth::kvTokens, "entries of the KV memories in use");
        gauge("llamapanama.kv.tokens.capacity", service, ServiceHealth::kvCapacity, "entries of the KV memories");
        memory("weights", service, MemoryUse::weightBytes);
        memory("context", service, MemoryUse::contextBytes);
        memory("compute", service, MemoryUse::computeBytes);
    }

    private void memory(String kind, InferenceService service, ToLongFunction<MemoryUse> value) {
        Gauge.builder("llamapanama.native.memory", service, bound -> value.applyAsLong(bound.memoryUse()))
                .description("native memory that is reserved")
                .baseUnit("bytes")
                .tags(tags)
                .tag("kind", kind)
                .register(registry);
    }

    private void counter(
            String name, InferenceService service, ToLongFunction<ServiceStatistics> value, String description) {
        FunctionCounter.builder(name, service, bound -> value.applyAsLong(bound.statistics()))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void gauge(
            String name, InferenceService service, ToDoubleFunction<ServiceHealth> value, String description) {
        Gauge.builder(name, service, bound -> value.applyAsDouble(bound.health()))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    @Override
    public void started(long request, int promptTokens, int cachedTokens, Duration inQueue) {
        queueTime.record(inQueue);
    }

    @Override
    public void firstToken(long request, Duration sinceSubmitted) {
        firstToken.record(sinceSubmitted);
    }

    @Override
    public void token(long request, int choice, Duration sinceLast) {
        interToken.record(sinceLast);
    }

    @Override
    public void finished(long request, int choice, FinishReason reason, int generatedTokens, Duration sinceSubmitted) {
        requestTime.get(reason).record(sinceSubmitted);
    }

    @Override
    public void failed(long request, Throwable cause) {
        failed.increment();
    }

    @Override
    public void step(StepSummary step) {
        stepTime.record(step.elapsed());
    }
}
