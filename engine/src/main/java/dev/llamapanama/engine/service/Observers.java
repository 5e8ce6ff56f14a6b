package dev.llamapanama.engine.service;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Tells observers, and lets none of them disturb the work. */
final class Observers {
    private static final System.Logger LOGGER = System.getLogger(InferenceService.class.getName());

    private final List<EngineObserver> observers;
    private final AtomicBoolean logged = new AtomicBoolean();

    Observers(List<EngineObserver> observers) {
        this.observers = observers;
    }

    void tell(Consumer<EngineObserver> event) {
        for (EngineObserver observer : observers) {
            try {
                event.accept(observer);
            } catch (Throwable e) { // an error of an observer must not end the thread that decodes
                if (logged.compareAndSet(false, true)) {
                    LOGGER.log(System.Logger.Level.WARNING, "an EngineObserver has thrown, which is said once: " + e);
                }
            }
        }
    }
}
