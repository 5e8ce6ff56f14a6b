package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.engine.internal.LogRouter;
import dev.llamapanama.engine.internal.NativeResource;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The LoRA adapters and the control vector of a context. */
final class ContextAdapters {
    private final NativeContext context;
    private List<AdapterScale> current = List.of();

    ContextAdapters(NativeContext context) {
        this.context = context;
    }

    List<AdapterScale> current() {
        return current;
    }

    void set(List<AdapterScale> wanted) {
        List<AdapterScale> next = List.copyOf(wanted);
        Set<NativeResource> resources = new LinkedHashSet<>();
        for (AdapterScale scale : next) {
            if (scale.adapter().model() != context.model()) {
                throw new IllegalArgumentException(scale.adapter() + " was loaded for "
                        + scale.adapter().model() + ", not for that of " + context);
            }
            if (!resources.add(scale.adapter().resource())) {
                throw new IllegalArgumentException(scale.adapter() + " is there twice");
            }
        }
        context.begin("adapters");
        try {
            replace(next, resources);
            context.memoryChanged();
        } finally {
            context.end();
        }
    }

    private void replace(List<AdapterScale> next, Set<NativeResource> resources) {
        Set<NativeResource> added = new LinkedHashSet<>(resources);
        Set<NativeResource> removed = new LinkedHashSet<>();
        for (AdapterScale scale : current) {
            removed.add(scale.adapter().resource());
        }
        added.removeAll(removed);
        removed.removeAll(resources);
        Set<NativeResource> pointed = new LinkedHashSet<>();
        try {
            for (NativeResource adapter : added) {
                context.resource().pointTo(adapter);
                pointed.add(adapter);
            }
            setNative(next);
        } catch (RuntimeException e) {
            pointed.forEach(context.resource()::pointAwayFrom);
            throw e;
        }
        removed.forEach(context.resource()::pointAwayFrom);
        current = next;
    }

    private void setNative(List<AdapterScale> next) {
        List<MemorySegment> handles = new ArrayList<>();
        float[] scales = new float[next.size()];
        for (int i = 0; i < scales.length; i++) {
            handles.add(next.get(i).adapter().resource().handle());
            scales[i] = next.get(i).scale();
        }
        long mark = LogRouter.mark();
        try {
            if (Llama.setAdaptersLora(context.handle(), handles, scales, context.error()) != 0) {
                throw new AdapterException(
                        "llama.cpp refused the adapters of " + context + LogRouter.reasonSince(mark));
            }
        } catch (NativeCallException e) {
            throw context.failure(e);
        }
    }

    void controlVector(ControlVector vector) {
        ModelInfo info = context.model().info();
        int last = info.layers() - 1;
        if (vector.width() != info.embeddingLength() || vector.layers().last() > last) {
            throw new AdapterException(
                    ("the control vector has directions of %d floats up to layer %d; %s takes %d floats up to "
                                    + "layer %d")
                            .formatted(
                                    vector.width(),
                                    vector.layers().last(),
                                    context.model(),
                                    info.embeddingLength(),
                                    last));
        }
        controlVector(vector.flat(last), info.embeddingLength(), 1, last);
    }

    void clearControlVector() {
        controlVector(new float[0], context.model().info().embeddingLength(), 0, 0);
    }

    private void controlVector(float[] data, int width, int firstLayer, int lastLayer) {
        context.begin("controlVector");
        context.memoryChanged();
        long mark = LogRouter.mark();
        try {
            if (Llama.setAdapterCvec(context.handle(), data, width, firstLayer, lastLayer, context.error()) != 0) {
                throw new AdapterException(
                        "llama.cpp refused the control vector of " + context + LogRouter.reasonSince(mark));
            }
        } catch (NativeCallException e) {
            throw context.failure(e);
        } finally {
            context.end();
        }
    }
}
