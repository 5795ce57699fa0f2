// SPDX-License-Identifier: GPL-2.0-only
/*
 * What stands in for the surroundings of an SoC's receiver on a machine that has
 * none: clocks that take any rate, power domains, resets and a PHY that do
 * nothing, status registers that read what the receiver's driver waits for, and
 * interrupts that come every 20 ms once the driver has written a command. All
 * registers are memory.
 *
 * Device tree: compatible "fsm-imx412,stubs" with #clock-cells = <1>,
 * #power-domain-cells = <1>, #reset-cells = <1>, #phy-cells = <0>; interrupts of
 * the receivers, in fsm-imx412,commands the physical address of a register for
 * each, and in fsm-imx412,reads addresses and values.
 */

#include <linux/clk-provider.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_irq.h>
#include <linux/phy/phy.h>
#include <linux/platform_device.h>
#include <linux/pm_domain.h>
#include <linux/reset-controller.h>
#include <linux/workqueue.h>

#define CLOCKS		24
#define DOMAINS		4
#define RESETS		4
#define INTERRUPTS	8
#define READS		16

#define FIRST_RATE	100000000
#define PERIOD_MS	20

struct stub_clock {
	struct clk_hw hw;
	unsigned long rate;
};

struct stubs {
	struct stub_clock clocks[CLOCKS];
	struct generic_pm_domain domains[DOMAINS];
	struct generic_pm_domain *domain_list[DOMAINS];
	struct genpd_onecell_data domain_data;
	struct reset_controller_dev resets;
	struct delayed_work tick;
	int interrupts[INTERRUPTS];
	void __iomem *commands[INTERRUPTS];
	int interrupt_count;
	void __iomem *registers[READS];
	u32 values[READS];
	int read_count;
};

static struct stub_clock *to_clock(struct clk_hw *hw)
{
	return container_of(hw, struct stub_clock, hw);
}

static unsigned long clock_recalc_rate(struct clk_hw *hw, unsigned long parent_rate)
{
	return to_clock(hw)->rate;
}

/* Whatever was asked for. */
static int clock_determine_rate(struct clk_hw *hw, struct clk_rate_request *request)
{
	return 0;
}

static int clock_set_rate(struct clk_hw *hw, unsigned long rate, unsigned long parent_rate)
{
	to_clock(hw)->rate = rate;
	return 0;
}

static const struct clk_ops clock_ops = {
	.recalc_rate = clock_recalc_rate,
	.determine_rate = clock_determine_rate,
	.set_rate = clock_set_rate,
};

static int add_clocks(struct device *dev, struct stubs *stubs)
{
	struct clk_hw_onecell_data *data;
	int i, ret;

	data = devm_kzalloc(dev, struct_size(data, hws, CLOCKS), GFP_KERNEL);
	if (!data)
		return -ENOMEM;
	data->num = CLOCKS;

	for (i = 0; i < CLOCKS; i++) {
		struct clk_init_data init = { .ops = &clock_ops };

		init.name = devm_kasprintf(dev, GFP_KERNEL, "stub%d", i);
		if (!init.name)
			return -ENOMEM;
		stubs->clocks[i].rate = FIRST_RATE;
		stubs->clocks[i].hw.init = &init;
		ret = devm_clk_hw_register(dev, &stubs->clocks[i].hw);
		if (ret)
			return ret;
		data->hws[i] = &stubs->clocks[i].hw;
	}

	return devm_of_clk_add_hw_provider(dev, of_clk_hw_onecell_get, data);
}

static int add_domains(struct device *dev, struct stubs *stubs)
{
	int i, ret;

	for (i = 0; i < DOMAINS; i++) {
		stubs->domains[i].name = devm_kasprintf(dev, GFP_KERNEL, "stub%d", i);
		if (!stubs->domains[i].name)
			return -ENOMEM;
		ret = pm_genpd_init(&stubs->domains[i], NULL, true);
		if (ret)
			return ret;
		stubs->domain_list[i] = &stubs->domains[i];
	}
	stubs->domain_data.domains = stubs->domain_list;
	stubs->domain_data.num_domains = DOMAINS;

	return of_genpd_add_provider_onecell(dev->of_node, &stubs->domain_data);
}

static int reset_nothing(struct reset_controller_dev *controller, unsigned long id)
{
	return 0;
}

static const struct reset_control_ops reset_ops = {
	.assert = reset_nothing,
	.deassert = reset_nothing,
};

static const struct phy_ops phy_ops = {
	.owner = THIS_MODULE,
};

static void tick(struct work_struct *work)
{
	struct stubs *stubs = container_of(to_delayed_work(work), struct stubs, tick);
	int i;

	for (i = 0; i < stubs->read_count; i++)
		writel(stubs->values[i], stubs->registers[i]);
	for (i = 0; i < stubs->interrupt_count; i++)
		if (readl(stubs->commands[i]))
			irq_set_irqchip_state(stubs->interrupts[i], IRQCHIP_STATE_PENDING, true);

	schedule_delayed_work(&stubs->tick, msecs_to_jiffies(PERIOD_MS));
}

static int add_interrupts(struct device *dev, struct stubs *stubs)
{
	u32 address;
	int i;

	for (i = 0; i < INTERRUPTS; i++) {
		int irq = of_irq_get(dev->of_node, i);

		if (irq <= 0 ||
		    of_property_read_u32_index(dev->of_node, "fsm-imx412,commands", i, &address))
			break;
		stubs->commands[i] = devm_ioremap(dev, address, sizeof(u32));
		if (!stubs->commands[i])
			return -ENOMEM;
		stubs->interrupts[stubs->interrupt_count++] = irq;
	}

	for (i = 0; i < READS; i++) {
		if (of_property_read_u32_index(dev->of_node, "fsm-imx412,reads", 2 * i, &address) ||
		    of_property_read_u32_index(dev->of_node, "fsm-imx412,reads", 2 * i + 1,
					       &stubs->values[i]))
			break;
		stubs->registers[i] = devm_ioremap(dev, address, sizeof(u32));
		if (!stubs->registers[i])
			return -ENOMEM;
		stubs->read_count++;
	}

	INIT_DELAYED_WORK(&stubs->tick, tick);
	schedule_delayed_work(&stubs->tick, 0);
	return 0;
}

static int stubs_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct stubs *stubs;
	struct phy *phy;
	int ret;

	/* It writes to addresses that it is told, and makes interrupts of others. */
	if (!of_machine_is_compatible("linux,dummy-virt"))
		return -ENODEV;

	stubs = devm_kzalloc(dev, sizeof(*stubs), GFP_KERNEL);
	if (!stubs)
		return -ENOMEM;

	ret = add_clocks(dev, stubs);
	if (ret)
		return ret;

	stubs->resets.owner = THIS_MODULE;
	stubs->resets.ops = &reset_ops;
	stubs->resets.nr_resets = RESETS;
	stubs->resets.of_node = dev->of_node;
	ret = devm_reset_controller_register(dev, &stubs->resets);
	if (ret)
		return ret;

	phy = devm_phy_create(dev, NULL, &phy_ops);
	if (IS_ERR(phy))
		return PTR_ERR(phy);
	if (IS_ERR(devm_of_phy_provider_register(dev, of_phy_simple_xlate)))
		return -ENOMEM;

	ret = add_domains(dev, stubs);
	if (ret)
		return ret;

	return add_interrupts(dev, stubs);
}

static const struct of_device_id stubs_match[] = {
	{ .compatible = "fsm-imx412,stubs" },
	{ }
};
MODULE_DEVICE_TABLE(of, stubs_match);

/* There is no way back: receivers hold what it provides. */
static struct platform_driver stubs_driver = {
	.probe = stubs_probe,
	.driver = {
		.name = "imx412-stubs",
		.of_match_table = stubs_match,
		.suppress_bind_attrs = true,
	},
};
builtin_platform_driver(stubs_driver);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Stub clocks, power domains, resets and interrupts for receivers' drivers");
