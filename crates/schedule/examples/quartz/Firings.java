// What Quartz 2.3.2 makes of expressions. Reads lines "made TAB after TAB expression" (after in seconds since the epoch) and
// the number of firings as the argument; writes for each of two zones "made TAB zone TAB after TAB expression TAB answer":
// "refused", "hangs", or the firings, each as the seconds since the one before (the first: since after).
import java.io.*;
import java.text.ParseException;
import java.util.Date;
import java.util.TimeZone;
import java.util.concurrent.*;
import org.quartz.CronExpression;

public class Firings {
    static final String[] ZONES = {"UTC", "Asia/Shanghai"};

    static String firings(String text, String zone, long after, int count) {
        CronExpression cron;
        try {
            cron = new CronExpression(text);
        } catch (ParseException error) {
            return "refused";
        }
        cron.setTimeZone(TimeZone.getTimeZone(zone));
        StringBuilder out = new StringBuilder();
        long last = after;
        for (int n = 0; n < count; n++) {
            Date next = cron.getNextValidTimeAfter(new Date(last * 1000));
            if (next == null) break;
            out.append(n == 0 ? "" : " ").append(next.getTime() / 1000 - last);
            last = next.getTime() / 1000;
        }
        return out.toString();
    }

    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        // Some expressions that Quartz takes never end its search: nobody waits for them, and the process ends anyway.
        ExecutorService pool = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work);
            thread.setDaemon(true);
            return thread;
        });
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            String[] parts = line.split("\t", 3);
            for (String zone : ZONES) {
                Future<String> work = pool.submit(() -> firings(parts[2], zone, Long.parseLong(parts[1]), count));
                String answer;
                try {
                    answer = work.get(5, TimeUnit.SECONDS);
                } catch (TimeoutException slow) {
                    answer = "hangs";
                } catch (ExecutionException error) {
                    answer = "fails";
                }
                System.out.println(String.join("\t", parts[0], zone, parts[1], parts[2], answer));
            }
        }
    }
}
