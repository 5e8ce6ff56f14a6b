package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what a model says about itself. */
final class ModelReader {
    private ModelReader() {}

    static Map<String, String> metadata(MemorySegment model, Map<String, String> overridden) {
        Map<String, String> metadata = new LinkedHashMap<>();
        int count = Llama.modelMetaCount(model);
        for (int i = 0; i < count; i++) {
            Optional<String> key = Llama.modelMetaKeyByIndex(model, i);
            if (key.isPresent()) {
                metadata.put(key.get(), Llama.modelMetaValStrByIndex(model, i).orElse(""));
            }
        }
        metadata.putAll(overridden);
        return Collections.unmodifiableMap(metadata);
    }

    static ModelInfo info(MemorySegment model, Map<String, String> metadata, boolean vocabularyOnly) {
        String architecture = metadata.getOrDefault("general.architecture", "unknown");
        String description = Llama.modelDesc(model).orElse(architecture);
        if (vocabularyOnly) {
            // most getters assert that there are layers
            return new ModelInfo(
                    description,
                    architecture,
                    "",
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    RopeType.NONE,
                    0,
                    false,
                    false,
                    false,
                    false,
                    false,
                    -1,
                    List.of());
        }
        boolean layered = Llama.modelNLayer(model) > 0;
        return new ModelInfo(
                description,
                architecture,
                Llama.ftypeName(Llama.modelFtype(model)).orElse("unknown"),
                Llama.modelNParams(model),
                Llama.modelSize(model),
                Llama.modelNCtxTrain(model),
                Llama.modelNEmbd(model),
                Llama.modelNEmbdOut(model),
                Llama.modelNLayer(model),
                layered ? Llama.modelNHead(model) : 0,
                layered ? Llama.modelNHeadKv(model) : 0,
                Llama.modelNSwa(model),
                RopeType.of(Llama.modelRopeType(model)),
                Llama.modelRopeFreqScaleTrain(model),
                Llama.modelHasEncoder(model),
                Llama.modelHasDecoder(model),
                Llama.modelIsRecurrent(model),
                Llama.modelIsHybrid(model),
                Llama.modelIsDiffusion(model),
                Llama.modelDecoderStartToken(model),
                labels(model));
    }

    private static List<String> labels(MemorySegment model) {
        List<String> labels = new ArrayList<>();
        int count = Llama.modelNClsOut(model);
        for (int i = 0; i < count; i++) {
            Optional<String> label = Llama.modelClsLabel(model, i);
            if (label.isEmpty()) {
                break; // no classifier: the count is 1 then
            }
            labels.add(label.get());
        }
        return labels;
    }
}
