from karvon.media.tests.fixtures import eager_tasks as eager_tasks
