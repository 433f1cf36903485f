import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** The ledger's job on Kafka Streams: exactly once, one thread, RocksDB with the cache that the DSL would give it. */
public final class StreamsLedger {
  private static final JsonFactory JSON = new JsonFactory();
  private static final CountDownLatch ALL_SEEN = new CountDownLatch(1);
  private static long began;
  private static long events;
  private static long lots;
  private static long score;

  record Report(String site, String lot, String material, double qty, String unit, String status, String expiry) {
    /** Reads the canonical event in one pass over its bytes. */
    static Report parse(byte[] json) {
      String site = null, lot = null, material = null, unit = null, status = null, expiry = null;
      double qty = 0;
      try (JsonParser parser = JSON.createParser(json)) {
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
          if (token != JsonToken.FIELD_NAME) {
            continue;
          }
          String name = parser.currentName();
          parser.nextToken();
          switch (name) {
            case "siteid" -> site = parser.getText();
            case "internal_lot" -> lot = parser.getText();
            case "material_code" -> material = parser.getText();
            case "qty_on_hand" -> qty = parser.getDoubleValue();
            case "uom" -> unit = parser.getText();
            case "status" -> status = parser.getText();
            case "expiry_date" -> expiry = parser.getText();
            default -> { }
          }
        }
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
      return new Report(site, lot, material, qty, unit, status, expiry);
    }
  }

  record Lot(String material, String site, String lot, double qty, String unit, String status, String expiry, int events,
             int score) {
    static Lot after(Lot before, Report report) {
      int events = before == null ? 1 : before.events + 1;
      int score = report.qty > 900 || (events > 100 && report.qty < 10) ? 30 : 0;
      if (report.qty > 990 && report.status.equals("quarantine")) {
        score = 40;
      }
      return new Lot(report.material, report.site, report.lot, report.qty, report.unit, report.status, report.expiry,
          events, score);
    }
  }

  /** Binary: each text as a length byte and UTF-8, numbers as they are. */
  static final class LotSerde implements Serializer<Lot>, Deserializer<Lot> {
    private final ByteBuffer buffer = ByteBuffer.allocate(2048);

    @Override
    public byte[] serialize(String topic, Lot lot) {
      buffer.clear();
      put(lot.material);
      put(lot.site);
      put(lot.lot);
      put(lot.unit);
      put(lot.status);
      put(lot.expiry);
      buffer.putDouble(lot.qty).putInt(lot.events).putInt(lot.score);
      byte[] bytes = new byte[buffer.position()];
      buffer.flip().get(bytes);
      return bytes;
    }

    private void put(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      buffer.put((byte) bytes.length).put(bytes);
    }

    @Override
    public Lot deserialize(String topic, byte[] bytes) {
      if (bytes == null) {
        return null;
      }
      ByteBuffer from = ByteBuffer.wrap(bytes);
      String material = text(from), site = text(from), lot = text(from);
      String unit = text(from), status = text(from), expiry = text(from);
      return new Lot(material, site, lot, from.getDouble(), unit, status, expiry, from.getInt(), from.getInt());
    }

    private static String text(ByteBuffer from) {
      int length = from.get() & 0xff;
      String text = new String(from.array(), from.position(), length, StandardCharsets.UTF_8);
      from.position(from.position() + length);
      return text;
    }

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {}
  }

  static final class Ledger implements Processor<byte[], byte[], Void, Void> {
    private final long wanted;
    private KeyValueStore<String, Lot> store;

    Ledger(long wanted) {
      this.wanted = wanted;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
      store = context.getStateStore("lots");
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      if (events == 0) {
        began = System.nanoTime();
      }
      Report report = Report.parse(record.value());
      String key = report.site + "/" + report.lot;
      Lot before = store.get(key);
      Lot after = Lot.after(before, report);
      store.put(key, after);
      if (before == null) {
        lots++;
      }
      score += after.score - (before == null ? 0 : before.score);
      if (++events == wanted) {
        ALL_SEEN.countDown();
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    String broker = arguments[0], group = arguments[2], folder = arguments[3];
    long wanted = Long.parseLong(arguments[1]);
    LotSerde serde = new LotSerde();
    Topology topology = new Topology();
    topology.addSource("events", Serdes.ByteArray().deserializer(), Serdes.ByteArray().deserializer(), "scrm.events.v1");
    topology.addProcessor("ledger", () -> new Ledger(wanted), "events");
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore("lots"), Serdes.String(), Serdes.serdeFrom(serde, serde))
            .withCachingEnabled(),
        "ledger");
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, group);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, broker);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    KafkaStreams streams = new KafkaStreams(topology, settings);
    streams.start();
    ALL_SEEN.await();
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", broker))) {
      long committed = 0;
      while (committed < wanted) { // the offsets are in the same transactions as the state's changelog
        Thread.sleep(10);
        committed = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values().stream()
            .filter(offset -> offset != null).mapToLong(offset -> offset.offset()).sum();
      }
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(java.util.Locale.ROOT, "RESULT {\"seconds\": %.3f, \"events\": %d, \"lots\": %d, \"score\": %d}%n",
        seconds, events, lots, score);
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }
}
